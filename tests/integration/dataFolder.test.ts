/** `npm start -- --data-dir`: one stack a folder, and what a broken one or a full disk says. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKinesisServer } from '../../infra/local/kinesisServer.ts';
import { localKinesis } from '../support/localKinesis.ts';
import { startProcess } from './startProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const input = join(folder, 'views.jsonl');
const good = join(folder, 'good');
const EVENT = { userId: '1', itemId: '2', categoryId: '3', behavior: 'pv' };
const FULL_DEVICE = '/dev/full';

const start = (data: string, ...more: string[]) =>
  startProcess('--port', '0', '--input', `user-behavior=${input}`, '--data-dir', data, ...more);

/** The one line on standard error of a start that must fail. */
async function failureOf(data: string): Promise<string> {
  const started = start(data, '--once');
  expect(await started.ended, started.stderr()).not.toBe(0);
  expect(started.stderr().trimEnd()).not.toContain('\n');
  return started.stderr();
}

function copyOf(name: string): string {
  const copy = join(folder, name);
  cpSync(good, copy, { recursive: true });
  return copy;
}

beforeAll(async () => {
  const lines = [0, 1, 2].map((n) => JSON.stringify({ ...EVENT, timestamp: Date.UTC(2024) + n }));
  writeFileSync(input, `${lines.join('\n')}\n`);
  const first = start(good);
  await first.prints(/The input is processed/);
  expect(await failureOf(good)).toMatch(`in use by process ${first.child.pid}; end that`);
  first.child.kill('SIGKILL');
  await first.ended;
  // The next one waits for the Kinesis server of the killed stack, which still saves.
  const second = start(good, '--once');
  expect(await second.ended, second.stderr()).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a broken file is named, with what to do', () => {
  it.each([
    ['checkpoints.json', /checkpoints\.json is broken: delete it/],
    ['replay.json', /replay\.json is broken: .*give another --data-dir, or delete it/],
    ['kinesis/kinesis.json', /kinesis\.json is broken, .*give another --data-dir/],
    ['dynamodb/CURRENT', /dynamodb is broken \(.*give another --data-dir/],
  ])('%s', async (name, message) => {
    const data = copyOf(`broken ${name.replace('/', ' ')}`);
    rmSync(join(data, 'kinesis/kinesis.json.before'), { force: true });
    writeFileSync(join(data, name), '{"tor');
    expect(await failureOf(data)).toMatch(message);
  });
});

it('goes on from the save before where the streams are torn', async () => {
  const data = copyOf('torn');
  const streams = join(data, 'kinesis/kinesis.json');
  copyFileSync(streams, `${streams}.before`);
  writeFileSync(streams, '{"tor');
  const started = start(data, '--once');
  expect(await started.ended, started.stderr()).toBe(0);
  expect(started.stderr()).toMatch(/^warning: .*kinesis\.json is broken; the streams go on.*\n$/);
});

describe.skipIf(!existsSync(FULL_DEVICE))('a full disk is one line', () => {
  it.each([['checkpoints.json.next'], ['kinesis/kinesis.json.next']])('for %s', async (name) => {
    const data = copyOf(`full ${name.replace('/', ' ')}`);
    rmSync(join(data, name), { force: true });
    rmSync(join(data, 'checkpoints.json'), { force: true });
    symlinkSync(FULL_DEVICE, join(data, name));
    expect(await failureOf(data)).toMatch(/the disk is full: .* cannot be written; make room/);
  });

  it('for the last save of the streams', async () => {
    const data = join(folder, 'full at the end');
    const logFile = join(folder, 'kinesis.log');
    const region = 'us-east-1';
    const kinesis = await startKinesisServer({ port: 0, region, dataDirectory: data, logFile });
    const client = localKinesis(kinesis.endpoint);
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    symlinkSync(FULL_DEVICE, join(data, 'kinesis.json.next'));
    await expect(kinesis.stop()).rejects.toThrow(
      /the disk is full: .* cannot be written; make room/,
    );
  });
});
