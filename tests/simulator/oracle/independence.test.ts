import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const FILES = globSync(['oracle/*.ts', 'analyses/*.ts', 'truth.ts'], {
  cwd: new URL('..', import.meta.url),
  exclude: ['**/*.test.ts'],
});

it.each(FILES)('the oracle uses nothing of the engine in %s', (file) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  expect(text).not.toContain('shared/');
  expect(text).not.toContain('functions/');
});
