/** What `put` says of events that it cannot be sure of. */

import { gzipSync } from 'node:zlib';
import {
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsCommandInput,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkedAhead, EventCheck } from '../../../cli/checkEvents.ts';
import { putEvents } from '../../../cli/commands/put.ts';
import { runCommand } from '../../../cli/program.ts';
import { PutLog } from '../../../cli/putLog.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';
import { fileOf } from '../inputs/inputFiles.ts';

const kinesis = mockClient(KinesisClient);
const connection = { kinesis: new KinesisClient(), nameOf: (name: string) => name };
const SHARD = 'shardId-000000000000';
const STORED = { Records: [{ ShardId: SHARD, SequenceNumber: '7' }] };
/** However many records a request has. */
const stored = async ({ Records }: PutRecordsCommandInput) => ({
  Records: Records?.map((_, n) => ({ ShardId: SHARD, SequenceNumber: String(n) })),
});
const RESET = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const GONE = new ResourceNotFoundException({
  $metadata: { attempts: 1, httpStatusCode: 400 },
  message: 'no such stream',
});

beforeEach(() => {
  kinesis.reset();
  kinesis.on(ListShardsCommand).resolves({
    Shards: [
      {
        ShardId: SHARD,
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
        SequenceNumberRange: { StartingSequenceNumber: '0' },
      },
    ],
  });
});

async function* views() {
  for (let n = 0; n < 5; n += 1) yield { line: JSON.stringify({ n }), partitionKey: 'k' };
}

it('counts the events that were put again for want of a reply', async () => {
  kinesis.on(PutRecordsCommand).rejectsOnce(RESET).resolves(STORED);
  expect(await putEvents(connection, 'orders', views())).toMatchObject({
    events: 5,
    maybeTwice: 5,
  });
});

it('counts none where every put had its reply', async () => {
  kinesis.on(PutRecordsCommand).resolves(STORED);
  expect(await putEvents(connection, 'orders', views())).toMatchObject({
    events: 5,
    maybeTwice: 0,
  });
});

it('says so too where the put fails in the end', async () => {
  kinesis.on(PutRecordsCommand).rejectsOnce(RESET).rejects(GONE);
  await expect(putEvents(connection, 'orders', views())).rejects.toThrow(
    /0 events are put, 5 could not be; .*; 5 events had no reply and were put again: they may be there twice/,
  );
});

describe('a put that fails half-way', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, n) => `t${n},wechat,${1_558_430_842 + n}\n`).join('');
  const put = (file: string, ...args: string[]) =>
    runCommand(['put', 'receipts', file, '--no-check', ...args]);

  it('by a line that no record holds, says how many events are put and where to go on', async () => {
    kinesis.on(PutRecordsCommand).callsFake(stored);
    const file = fileOf(`${lines(3_000)}${'x'.repeat(3 * 1_048_576)}\n${lines(1)}`);
    expect(await put(file)).toEqual({
      exitCode: 1,
      line: `3000 events are put, all before this: ${file} has a line longer than 1 MiB, which no record can hold: line 3001; mend it, and go on with --from-line 3001`,
    });
  });

  it('by a file that is cut short, likewise', async () => {
    kinesis.on(PutRecordsCommand).callsFake(stored);
    const packed = gzipSync(
      Array.from({ length: 9_000 }, (_, n) => `t${(n * 7_919) % 9_973},x,1558430842`).join('\n'),
    );
    const { exitCode, line } = await put(fileOf(packed.subarray(0, packed.length - 9)));
    expect(exitCode).toBe(1);
    expect(line).toMatch(
      /^\d+ events are put, all before this: cannot read .*cut short; mend it, and go on with --from-line \d+$/,
    );
  });

  it('within a list on one line, says how many count twice', async () => {
    kinesis.on(PutRecordsCommand).callsFake(stored);
    const items = Array.from(
      { length: 3 },
      (_, n) => `{"txId":"${n}","channel":"x","timestamp":1}`,
    );
    const { line } = await put(fileOf(`[${items.join()},{"txId":"${'x'.repeat(3 * 1_048_576)}"}]`));
    expect(line).toMatch(
      /^3 events are put, .*go on with --from-line 1, where 3 events count twice$/,
    );
  });

  it('by a stream that takes no more, stops, and names the first event that is not put', async () => {
    kinesis.on(PutRecordsCommand).callsFakeOnce(stored).rejects(GONE);
    const { exitCode, line } = await put(fileOf(lines(60_000)));
    expect(exitCode).toBe(1);
    const found =
      /^(\d+) events are put, (\d+) could not be; the first, .*:(\d+), because .*; go on with --from-line (\d+)$/.exec(
        line ?? '',
      );
    const [acknowledged, lost, first, next] = found?.slice(1).map(Number) ?? [];
    expect(acknowledged).toBeGreaterThan(0);
    expect([first, next]).toEqual([(acknowledged ?? 0) + 1, first]);
    expect((acknowledged ?? 0) + (lost ?? 0)).toBeLessThan(60_000);
  });

  it('goes on with --from-line, behind the header', async () => {
    kinesis.on(PutRecordsCommand).callsFake(stored);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const file = fileOf(`timestamp,channel,txId\n${'1558430842,x,t\n'.repeat(10)}`);
    expect(await put(file, '--from-line', '8')).toEqual({ exitCode: 0 });
    expect(log).toHaveBeenCalledWith('4 events put in 1 record on 1 shard');
  });
});

it('where to go on, some events of other shards are behind', () => {
  const log = new PutLog('in.csv');
  const data = [2, 3, 4, 5, 6].map((lineNumber) =>
    log.take({ line: `e${lineNumber}`, lineNumber }),
  );
  log.refuse({ line: 'e6', lineNumber: 6 }, 'it is too long');
  const events = [data[1], data[2]].map((each) => ({ partitionKey: '', data: each as Uint8Array }));
  log.lose({ reason: 'it is gone', events });
  expect(log.problem(2, undefined)).toBe(
    '2 events are put, 3 could not be; the first, in.csv:3, because it is gone; go on with --from-line 3: 1 event behind it is put already and counts twice',
  );
});

it('an input that ends early is said, also where an event before it was refused', () => {
  const log = new PutLog('in.csv');
  for (const lineNumber of [1, 2]) log.take({ line: `e${lineNumber}`, lineNumber });
  log.refuse({ line: 'e2', lineNumber: 2 }, 'it is too long');
  expect(log.problem(1, new Error('the disk is gone'))).toBe(
    '1 event is put, all before this but 1 that can never be: the disk is gone; mend it, and go on with --from-line 3; the first, in.csv:2, because it is too long',
  );
});

describe('before anything is put', () => {
  const view = 'u,1,1,pv,1511658000\n';
  const run = async (content: string, ...args: string[]) => {
    kinesis.on(PutRecordsCommand).callsFake(stored);
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((text) => said.push(text));
    vi.spyOn(console, 'error').mockImplementation((text) => said.push(text));
    const file = fileOf(content);
    const { exitCode, line = '' } = await runCommand(['put', 'user-behavior', file, ...args]);
    const puts = kinesis.commandCalls(PutRecordsCommand).length;
    return {
      exitCode,
      puts,
      line: line.replaceAll(file, 'FILE'),
      said: said.map((text) => text.replaceAll(file, 'FILE')),
    };
  };

  it('a file of another stream is refused with code 3', async () => {
    expect(await run('::1 - - 17/05/2015:10:05:03 +0000 GET /a\n')).toEqual({
      exitCode: 3,
      puts: 0,
      line: 'nothing is put: the only event of FILE is a dead letter; its lines look like `page-views`; the first, FILE:1 is neither JSON nor CSV of this stream: write the 5 columns userId,itemId,categoryId,behavior,timestamp (found 1); --no-check puts them nevertheless',
      said: [],
    });
  });

  it.each([
    [
      'of its schema',
      'u,1,1,view,1511658000',
      'behavior: must be one of "pv", "cart", "fav", "buy" (found "view")',
    ],
    ['of JSON', '{"userId":', 'is not JSON'],
    ['of time', 'u,1,1,pv,1511658000000', 'event time 1511658000000000 is more than a day ahead'],
    [
      'of time in JSON',
      '{"userId":"u","itemId":"1","categoryId":"1","behavior":"pv","timestamp":1511658000}',
      'event time 1511658000 is before 1980',
    ],
  ])('a line that is none %s is named, and goes with the others', async (_, line, reason) => {
    const { exitCode, puts, said } = await run(`${view.repeat(12)}${line}\n`);
    expect({ exitCode, puts }).toEqual({ exitCode: 0, puts: 1 });
    expect(said).toEqual([
      `1 of 13 events will be dead letters; the first, FILE:13 ${reason}`,
      '13 events put in 1 record on 1 shard',
    ]);
  });

  it('--no-check puts whatever it is, and --dry-run nothing', async () => {
    expect(await run('x\n', '--no-check')).toMatchObject({ exitCode: 0, puts: 1 });
    kinesis.resetHistory();
    expect(await run(view.repeat(3), '--dry-run')).toEqual({
      exitCode: 0,
      puts: 0,
      line: '',
      said: ['3 events would be put'],
    });
    expect(await run('x\n', '--dry-run')).toMatchObject({ exitCode: 3, puts: 0 });
  });

  it('a file that cannot be read to its end is wrong use', async () => {
    expect(await run(`${view}${'x'.repeat(3 * 1_048_576)}`)).toMatchObject({
      exitCode: 2,
      puts: 0,
      line: 'nothing is put: FILE has a line longer than 1 MiB, which no record can hold: line 2',
    });
  });

  it('as much of a pipe as can be held is looked at', async () => {
    const file = {
      stream: 'receipts',
      file: '-',
      options: { timeUnit: 's' },
      kind: 'pipe',
    } as const;
    async function* events(): AsyncGenerator<InputEvent> {
      for (let n = 0; n < 10_002; n += 1) yield { line: 'x', partitionKey: 'k', lineNumber: n + 1 };
    }
    const check = new EventCheck(file, 0);
    const passed: unknown[] = [];
    const all = checkedAhead(events(), check, async () => {
      passed.push(check.events);
    });
    for await (const { lineNumber } of all) passed.push(lineNumber);
    expect([passed.length, passed[0], passed.at(-1)]).toEqual([10_003, 10_000, 10_002]);
    await expect(check.verdict()).rejects.toThrow(
      'nothing is put: all 10,000 events of standard input are dead letters; the first, standard input:1 is not JSON',
    );
  });
});
