/** What canaries and lowered limits change is where they look for it: told in a moment, and not once all of them have run. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { TIGHT_LIMITS } from './limits.ts';

const PATCHES = [...CANARIES, TIGHT_LIMITS].flatMap(({ name, patches }) =>
  patches.map(({ file, find }) => [name, file, find] as const),
);

it.each(PATCHES)('"%s" finds in %s, once, what it changes', (_, file, find) => {
  const source = readFileSync(new URL(`../../shared/${file}`, import.meta.url), 'utf8');
  expect(source.split(find)).toHaveLength(2);
});
