/** By which name `put` puts, what it says of events that it could not put, and how it is finished. */
import { gzipSync } from 'node:zlib';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { putUnnamed } from '../../../../cli/puts/putEvents.ts';
import { fileOf } from '../../inputs/inputFiles.ts';
import { FINISH, GONE, kinesis, putReceipts, RESET, receipts, sent, stored } from './putting.ts';

describe('a put of a file', () => {
  it('is by a name, which it says first with the line that finishes it', async () => {
    const { exitCode, name, said } = await putReceipts(fileOf(receipts(3)));
    expect({ exitCode, said }).toEqual({
      exitCode: 0,
      said: [
        `putting as NAME; should this break off, finish it with: ${FINISH}`,
        '3 events put in 1 record on 1 shard',
      ],
    });
    expect(sent()[0]).toMatch(`{"tidemark:producer":["${name}"`);
  });

  it('has the same offsets each time, also from a line on', async () => {
    const file = fileOf(
      `timestamp,channel,txId\n\n${receipts(10).replaceAll(/(t\d+),wechat,(\d+)/g, '$2,wechat,$1')}`,
    );
    await putReceipts(file, '--resume', 'mine');
    await putReceipts(file, '--resume', 'mine', '--from-line', '8');
    const [whole = '', end = ''] = sent();
    expect(JSON.parse(whole.split('\n')[0] ?? '')['tidemark:producer'].slice(2, 4)).toEqual([
      '',
      '1',
    ]);
    expect(JSON.parse(end.split('\n')[0] ?? '')['tidemark:producer'].slice(2, 4)).toEqual([
      '',
      '6',
    ]);
    expect(end.split('\n').slice(1)).toEqual(whole.split('\n').slice(6));
  });

  it('goes on where a request has no reply, and says nothing of it: its copy is dropped', async () => {
    kinesis.on(PutRecordsCommand).rejectsOnce(RESET).callsFake(stored);
    const { exitCode, said } = await putReceipts(fileOf(receipts(5)));
    expect({ exitCode, last: said.at(-1) }).toEqual({
      exitCode: 0,
      last: '5 events put in 1 record on 1 shard',
    });
  });

  it('that fails by a line that no record holds, says how many are put and how to finish', async () => {
    const file = fileOf(`${receipts(3_000)}${'x'.repeat(3 * 1_048_576)}\n${receipts(1)}`);
    const { exitCode, line } = await putReceipts(file);
    expect({ exitCode, line }).toEqual({
      exitCode: 1,
      line: `3000 events are put, all before this: FILE has a line longer than 1 MiB, which no record can hold: line 3001; mend it there, and finish it with: ${FINISH}`,
    });
  });

  it('that fails by a file that is cut short, likewise', async () => {
    const packed = gzipSync(
      Array.from({ length: 9_000 }, (_, n) => `t${(n * 7_919) % 9_973},x,1558430842`).join('\n'),
    );
    const { exitCode, line } = await putReceipts(fileOf(packed.subarray(0, packed.length - 9)));
    expect(exitCode).toBe(1);
    expect(line).toMatch(
      /^\d+ events are put, all before this: cannot read .*cut short; mend it there, and finish it with: npm/,
    );
  });

  it('that fails by a stream that takes no more, stops, and names the first event that is not put', async () => {
    kinesis.on(PutRecordsCommand).callsFakeOnce(stored).rejects(GONE);
    const { exitCode, line } = await putReceipts(fileOf(receipts(60_000)));
    expect(exitCode).toBe(1);
    const found =
      /^(\d+) events are put, (\d+) could not be; the first, FILE:(\d+), because .*; finish it with: (.*)$/.exec(
        line ?? '',
      );
    const [acknowledged = 0, lost = 0, first] = found?.slice(1, 4).map(Number) ?? [];
    expect(found?.[4]).toBe(FINISH);
    expect(acknowledged).toBeGreaterThan(0);
    expect(first).toBe(acknowledged + 1);
    expect(acknowledged + lost).toBeLessThan(60_000);
  });

  it('with events that can never be put, puts the others, and says where those go', async () => {
    const long = 'x'.repeat(1_048_400);
    const { exitCode, line } = await putReceipts(fileOf(`${receipts(2)}${long}\n${receipts(1)}`));
    expect({ exitCode, line }).toEqual({
      exitCode: 1,
      line: "3 events are put; 1 can never be, FILE:3, because the event cannot be put: its 1048400 bytes are more than a record holds (1 MiB with the partition key and the producer's stamp); mended, it goes in a file of its own",
    });
  });

  it('says the flags that matter in the line, for a shell', async () => {
    const file = fileOf(`1558430842;x;t\n`);
    const given = ['--separator', ';', '--columns', 'timestamp,channel,txId', '--header'];
    const { said } = await putReceipts(
      file,
      ...given,
      '--time-unit',
      'ms',
      '--from-line',
      '1',
      '--stage',
      'dev',
    );
    expect(said[0]).toMatch(
      "--resume NAME --time-unit ms --separator ';' --columns timestamp,channel,txId --header --no-check --stage dev",
    );
  });

  it('by a name that none can be is wrong use', async () => {
    expect(await putReceipts(fileOf(receipts(1)), '--resume', 'my put')).toMatchObject({
      exitCode: 2,
      line: '--resume is "my put", which may hold letters, digits and . _ : / @ # - only; give the name that put said',
      said: [],
    });
  });
});

it('dead letters that go back have no name: they say themselves where they stood', async () => {
  kinesis.on(PutRecordsCommand).rejectsOnce(RESET).callsFake(stored);
  async function* letters() {
    for (let n = 0; n < 5; n += 1) yield { line: JSON.stringify({ n }), partitionKey: 'k' };
  }
  expect(
    await putUnnamed({ kinesis: new KinesisClient(), nameOf: (name) => name }, 'orders', letters()),
  ).toEqual({
    events: 5,
    records: 1,
    shards: 1,
    ending: 'whole',
  });
  kinesis.on(PutRecordsCommand).rejects(GONE);
  expect(
    await putUnnamed({ kinesis: new KinesisClient(), nameOf: (name) => name }, 'orders', letters()),
  ).toMatchObject({
    ending: 'undelivered',
    problem: expect.stringMatching(/^0 events are put, 5 could not be; the first because /),
  });
});
