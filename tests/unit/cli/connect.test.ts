/** Connections of a command that lives longer than the local stack it talks to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { reconnecting } from '../../../cli/connect.ts';
import { announceStack } from '../../../cli/runningStacks.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-connect-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the next connection finds a local stack on the ports where it is by then', async () => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('TIDEMARK_STACKS', folder);
  vi.resetModules();
  const { connect } = await import('../../../cli/connect.ts');
  const found: (string | undefined)[] = [];
  for (const port of [4101, 4201]) {
    const [kinesis, dynamodb, lambda] = [port, port + 1, port + 2].map(
      (each) => `http://127.0.0.1:${each}`,
    );
    const stack = {
      pid: process.pid,
      kinesis: `${kinesis}`,
      dynamodb: `${dynamodb}`,
      lambda: `${lambda}`,
    };
    const leave = announceStack(stack, folder);
    connect('local');
    found.push(process.env['AWS_ENDPOINT_URL_DYNAMODB']);
    leave();
  }
  expect(found).toEqual(['http://127.0.0.1:4102', 'http://127.0.0.1:4202']);
});

it('a reading has a connection of its own after one that failed, and shares it otherwise', async () => {
  let opened = 0;
  const used: number[] = [];
  const read = reconnecting(
    () => (opened += 1),
    async (connection) => {
      used.push(connection);
      if (used.length === 2) throw new Error('gone');
    },
  );
  await read();
  await expect(read()).rejects.toThrow('gone');
  await read();
  await read();
  expect(used).toEqual([1, 1, 2, 2]);
});
