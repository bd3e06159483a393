import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { soleOwner } from '../../../infra/local/soleOwner.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'kinesis.json');

it('waits until the owner before has ended', async () => {
  const file = newFile();
  const release = await soleOwner(file);
  let isOwned = false;
  const next = soleOwner(file).then((end) => {
    isOwned = true;
    return end;
  });
  for (let turns = 0; turns < 100; turns += 1) await nextTurn();
  expect(isOwned).toBe(false);
  release();
  (await next)();
});

it('does not wait for the owner of another file', async () => {
  const release = await soleOwner(newFile());
  (await soleOwner(newFile()))();
  release();
});
