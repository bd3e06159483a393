import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
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

/** A process that owns the file, with sockets in a folder of its own. */
async function ownerOf(file: string, sockets: string, then = 'setInterval(() => {}, 1e6)') {
  const module = new URL('../../../infra/local/soleOwner.ts', import.meta.url).href;
  const code = `import { soleOwner } from '${module}'; await soleOwner(process.argv[1]); console.log('owns'); ${then}`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code, file], {
    env: { ...process.env, TMPDIR: sockets },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(owner, 'close');
  await once(owner.stdout, 'data');
  return { owner, ended };
}

it('is not held up by an owner that is suspended', async () => {
  const file = newFile();
  const { owner } = await ownerOf(file, tmpdir());
  owner.kill('SIGSTOP');
  expect(await claim(file, 100)).toEqual({ heldBy: undefined });
  owner.kill('SIGKILL');
});

it.each([
  ['ends', 'process.exit(0)'],
  ['fails', 'throw new Error()'],
])('leaves nothing behind when the owner %s', async (_, then) => {
  const sockets = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  const { ended } = await ownerOf(newFile(), sockets, `setTimeout(() => { ${then} }, 100)`);
  expect(readdirSync(sockets)).toHaveLength(1);
  await ended;
  expect(readdirSync(sockets)).toEqual([]);
});

it('leaves nothing behind when it is given up', async () => {
  const [file, sockets] = [newFile(), mkdtempSync(join(tmpdir(), 'tidemark-test-'))];
  vi.stubEnv('TMPDIR', sockets);
  const release = await soleOwner(file);
  expect(readdirSync(sockets)).toHaveLength(1);
  release();
  expect(readdirSync(sockets)).toEqual([]);
});

it('goes on from what a killed owner left, to one of those that wait', async () => {
  const [file, sockets] = [newFile(), mkdtempSync(join(tmpdir(), 'tidemark-test-'))];
  const { owner, ended } = await ownerOf(file, sockets);
  vi.stubEnv('TMPDIR', sockets);
  owner.kill('SIGKILL');
  await ended;
  expect(readdirSync(sockets)).toHaveLength(1);
  const release = await soleOwner(file);
  expect(await claim(file)).toEqual({ heldBy: process.pid });
  release();
});

it('is one of many that want it at once', async () => {
  const file = newFile();
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim(file)));
  const owners = claims.filter((each) => typeof each === 'function');
  expect(owners).toHaveLength(1);
  owners[0]?.();
});
