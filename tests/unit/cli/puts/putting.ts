/** `put` in this process, over a stream that takes what the test says. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import {
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsCommandInput,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, vi } from 'vitest';
import { runCommand } from '../../../../cli/program.ts';
import { folder as inputFolder } from '../../inputs/inputFiles.ts';

export const kinesis = mockClient(KinesisClient);
const SHARD = 'shardId-000000000000';
/** However many records a request has. */
export const stored = async ({ Records }: PutRecordsCommandInput) => ({
  Records: Records?.map((_, n) => ({ ShardId: SHARD, SequenceNumber: String(n) })),
});
export const RESET = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
export const GONE = new ResourceNotFoundException({
  $metadata: { attempts: 1, httpStatusCode: 400 },
  message: 'no such stream',
});

/** @param start what a stream has of its own */
export const shardsFrom = (start: string) =>
  kinesis.on(ListShardsCommand).resolves({
    Shards: [
      {
        ShardId: SHARD,
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
        SequenceNumberRange: { StartingSequenceNumber: start },
      },
    ],
  });

export function stubPuts(): string {
  const folder = mkdtempSync(join(inputFolder, 'puts-'));
  vi.stubEnv('TIDEMARK_PUTS', folder);
  return folder;
}

let said: string[] = [];
beforeEach(() => {
  kinesis.reset();
  shardsFrom('0');
  kinesis.on(PutRecordsCommand).callsFake(stored);
  stubPuts();
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text) => said.push(text));
  vi.spyOn(console, 'error').mockImplementation((text) => said.push(text));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const NAME = /put-\d{8}T\d{6}Z-[0-9a-f]{6}/g;

/** What it ends with and says, with `FILE` and `NAME` where the file and a fresh name stand. */
export async function put(stream: string, file: string, ...args: string[]) {
  said = [];
  const { exitCode, line } = await runCommand(['put', stream, file, ...args]);
  const plain = (text: string) => text.replaceAll(file, 'FILE').replaceAll(NAME, 'NAME');
  return {
    exitCode,
    name: said.join().match(NAME)?.at(-1) ?? '',
    line: line === undefined ? undefined : plain(line),
    said: said.map(plain),
  };
}

export const putReceipts = (file: string, ...args: string[]) =>
  put('receipts', file, '--no-check', ...args);

export const receipts = (count: number) =>
  Array.from({ length: count }, (_, n) => `t${n},wechat,${1_558_430_842 + n}\n`).join('');

export const FINISH = 'npm run --silent tidemark -- put receipts FILE --resume NAME --no-check';

/** What was sent, record by record. */
export const sent = (): string[] =>
  kinesis
    .commandCalls(PutRecordsCommand)
    .flatMap(({ args: [{ input }] }) => input.Records ?? [])
    .map(({ Data }) => Buffer.from(Data ?? '').toString());
