import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { claim, soleOwner } from '../../../infra/local/soleOwner.ts';

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

it('tells who asks at once who the owner is, by whatever path', async () => {
  const file = newFile();
  const release = await soleOwner(file);
  expect(await claim(file)).toEqual({ heldBy: process.pid });
  const link = join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'link');
  symlinkSync(join(file, '..'), link);
  expect(await claim(join(link, 'kinesis.json'))).toEqual({ heldBy: process.pid });
  release();
  const claimed = await claim(file);
  expect(claimed).toBeTypeOf('function');
  if (typeof claimed === 'function') claimed();
});

it('is not held up by an owner that is suspended', async () => {
  const file = newFile();
  const module = new URL('../../../infra/local/soleOwner.ts', import.meta.url).href;
  const code = `import { soleOwner } from '${module}'; await soleOwner(process.argv[1]); console.log('owns'); setInterval(() => {}, 1e6)`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code, file]);
  await once(owner.stdout, 'data');
  owner.kill('SIGSTOP');
  expect(await claim(file, 100)).toEqual({ heldBy: undefined });
  owner.kill('SIGKILL');
});
