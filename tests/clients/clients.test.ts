/**
 * The local stack as users of other languages and tools meet it: one `npm start`, each stream filled by another client,
 * and the rows that clients read beside those of `tidemark run`. Steps in order; each builds on the one before it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { repartitionStreamNames } from '../../infra/repartition.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import type { Item } from '../../shared/ports/table.ts';
import { STAGE } from '../deploy/deployment.ts';
import { eventually } from '../deploy/eventually.ts';
import { type Expected, expectedOf, SHARDS, STREAMS } from '../deploy/inputs.ts';
import { difference } from '../deploy/stage.ts';
import { comparable } from '../integration/rows.ts';
import { type Call, type Commands, commandsFor } from './commands.ts';
import { type Event, sampleEvents, sampleFile, writeSamples } from './samples.ts';
import { type StackProcess, startStackProcess } from './stackProcess.ts';

const tools = inject('tools');
const DOCUMENT = join(import.meta.dirname, '../../docs/local-stack.md');
const ROWS_MS_MAX = 60_000;
const PUT_RECORDS_MAX = 500;
const RECORD_BYTES_MAX = 1_048_576;
const FLUSH = { source: 'tidemark.flush' };

describe.skipIf(tools.missing)('the local stack', () => {
  let folder: string;
  let stack: StackProcess;
  let commands: Commands;
  let expected: Expected[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-clients-'));
    await writeSamples(folder);
    expected = await expectedOf((stream) => [sampleFile(folder, stream)]);
    // The stack's own input, beside which the clients put theirs.
    const own = ['--input', `receipts=${sampleFile(folder, 'receipts')}`];
    stack = await startStackProcess([...own, '--shards', String(SHARDS)], folder);
    commands = commandsFor(stack, tools, folder);
  });
  afterAll(async () => {
    const code = await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(code).toBe(0);
  });

  const name = (logical: string) => physicalName(STAGE, logical);
  const eventsOf = (stream: string) => sampleEvents(folder, stream);
  const rowsOf = (table: string): readonly string[] =>
    expected.flatMap(({ rows }) => rows.get(table) ?? []);
  const tables = () => expected.flatMap(({ rows }) => [...rows.keys()]);

  it('names its streams to boto3, page by page', async () => {
    const [all, paged] = await commands.boto(
      ['list_streams', { limit: 100 }],
      ['list_streams', { limit: 3 }],
    );
    const streams = [...STREAMS, ...repartitionStreamNames()];
    expect(all).toEqual(streams.map(name).sort());
    expect(paged).toEqual(all);
  });

  it('takes what boto3 puts: an event a record, lines, and gzip, to the shard of its hash key', async () => {
    const stream = name('user-behavior');
    const events = await eventsOf('user-behavior');
    const [first, second] = [events.slice(0, 100), events.slice(100, 900)];
    const [third, fourth] = [events.slice(900, 1_400), events.slice(1_400)];
    const [, , lines, gzip] = (await commands.boto(
      ['put_record', { stream, events: first }],
      ['put_records', { stream, events: second }],
      ['put_lines', { stream, events: third }],
      ['put_lines', { stream, events: fourth, compression: 'gzip' }],
    )) as [null, null, [string, string][], [string, string][]];
    for (const [meant, taken] of [...lines, ...gzip]) expect(taken).toBe(meant);
    for (const put of [lines, gzip]) expect(new Set(put.map(([, taken]) => taken)).size).toBe(2);
  });

  it('takes aggregates that Python makes', async () => {
    const streams = ['ad-clicks', 'app-marketing', 'orders'];
    const calls = streams.map(
      async (stream): Promise<Call> => [
        'put_aggregates',
        { stream: name(stream), events: await eventsOf(stream) },
      ],
    );
    for (const aggregates of await commands.boto(...(await Promise.all(calls)))) {
      expect(aggregates).toBeGreaterThan(SHARDS);
    }
  });

  it('takes what the AWS CLI puts: text, bytes of a file, and many records at once', async () => {
    const [first, second, ...rest] = await eventsOf('logins');
    if (!first || !second) throw new Error('there are no logins');
    const putRecord = ([key]: Event, data: string) => {
      const to = ['--stream-name', name('logins'), '--partition-key', key];
      return commands.aws('kinesis', 'put-record', ...to, '--data', data);
    };
    await putRecord(first, first[1]);
    await putRecord(second, commands.fileWith('fileb', second[1]));
    for (const [stream, events] of [
      ['logins', rest],
      ['page-views', await eventsOf('page-views')],
    ] as const) {
      for (let from = 0; from < events.length; from += PUT_RECORDS_MAX) {
        const records = events
          .slice(from, from + PUT_RECORDS_MAX)
          .map(([PartitionKey, Data]) => ({ PartitionKey, Data }));
        const given = commands.fileWith('file', JSON.stringify(records));
        const to = ['--stream-name', name(stream), '--records', given];
        expect(await commands.aws('kinesis', 'put-records', ...to)).toMatchObject({
          FailedRecordCount: 0,
        });
      }
    }
  });

  it('passes on what the server refuses, once, and stores nothing of it', async () => {
    const stream = name('user-behavior');
    const refused = (Code: string, Message: RegExp) =>
      expect.objectContaining({ retries: 0, Code, Message: expect.stringMatching(Message) });
    expect(
      await commands.boto(
        ['put_blank', { stream, size: RECORD_BYTES_MAX + 1 }],
        ['put_blank', { stream, size: 1, ExplicitHashKey: String(2n ** 128n) }],
        ['put_blank', { stream: 'nowhere', size: 1 }],
        ['scan', { table: 'nowhere', page_size: 1 }],
      ),
    ).toEqual([
      refused('InvalidArgumentException', /1048577 .*1048576/),
      refused('InvalidArgumentException', /ExplicitHashKey/),
      refused('ResourceNotFoundException', /nowhere/),
      refused('ResourceNotFoundException', /not found/),
    ]);
    const { code, text } = await commands.awsEnds(
      ...[
        'kinesis',
        'put-record',
        '--stream-name',
        'nowhere',
        '--partition-key',
        '1',
        '--data',
        '1',
      ],
    );
    expect(code).not.toBe(0);
    expect(text).toMatch(/ResourceNotFoundException.*nowhere/);
  });

  it('has counted each event as a run in process does, and none twice', async () => {
    await stack.stage.counted(expected);
    for (const { job, counts } of expected)
      expect(await stack.stage.counts(job.id), job.id).toEqual(counts);
  });

  it('gives boto3 the bytes back', async () => {
    const [data] = (await commands.boto(['get_records', { stream: name('logins') }])) as [
      string[][],
    ];
    const lines = (await eventsOf('logins')).map(([, line]) => line);
    expect(data?.flat().sort()).toEqual(lines.sort());
  });

  it('is flushed by clients, and gives them the rows of tidemark run', async () => {
    const function_ = name('closeWindows');
    const event = commands.fileWith('fileb', JSON.stringify(FLUSH));
    const fire = ['lambda', 'invoke', '--function-name', name('fireTimers')];
    const answer = join(folder, 'answer.json');
    await eventually('the rows of tidemark run', ROWS_MS_MAX, async () => {
      const told = await commands.aws(...fire, '--payload', event, answer);
      expect(told).toEqual({ StatusCode: 200 });
      const [closed, ...found] = await commands.boto(
        ['invoke', { function: function_, event: FLUSH }],
        ...tables().map((each): Call => ['scan', { table: name(each), page_size: 7 }]),
      );
      expect(closed).toMatchObject({ failed: null });
      const different = tables().flatMap((each, i) =>
        difference(each, rowsOf(each), comparable(found[i] as Item[])),
      );
      return different.length === 0 ? { done: true } : { missing: different.join('\n') };
    });
    expect(Object.keys(JSON.parse(readFileSync(answer, 'utf8')))).toContain('order-timeout@2');
    for (const each of tables()) expect(rowsOf(each).length, each).toBeGreaterThan(0);
  });

  it('gives the AWS CLI rows: of a scan over pages, of a query, and of an index', async () => {
    type Items = { Items: Record<string, NativeAttributeValue>[] };
    const rows = async (...args: string[]) =>
      ((await commands.aws('dynamodb', ...args)) as Items).Items.map(
        (item) => unmarshall(item) as Item,
      );
    const scanned = await rows('scan', '--table-name', name('login-alerts'), '--page-size', '5');
    expect(difference('login-alerts', rowsOf('login-alerts'), comparable(scanned))).toEqual([]);

    const parsed = (table: string) => rowsOf(table).map((row) => JSON.parse(row) as Item);
    const byKey = ['--key-condition-expression', '#key = :key', '--expression-attribute-names'];
    const queried = await rows(
      ...['query', '--table-name', name('pvuv'), ...byKey, '{"#key":"site"}'],
      ...['--expression-attribute-values', '{":key":{"S":"all"}}'],
    );
    expect(comparable(queried)).toEqual(rowsOf('pvuv'));

    const problems = parsed('order-status').filter((row) => row['problem'] !== undefined);
    const problem = String(problems[0]?.['problem']);
    const ofIndex = await rows(
      ...['query', '--table-name', name('order-status'), '--index-name', 'problems', ...byKey],
      ...['{"#key":"problem"}', '--expression-attribute-values', `{":key":{"S":"${problem}"}}`],
    );
    const wanted = problems.filter((row) => row['problem'] === problem);
    expect(comparable(ofIndex)).toEqual(comparable(wanted));
  });

  it('gives boto3 the newest rows of a key', async () => {
    const board = 'items:pv';
    const query = { table: name('hot-items'), key: 'board', value: board, limit: 3 };
    const [newest] = (await commands.boto(['newest', query])) as [Item[]];
    const ofBoard = rowsOf('hot-items')
      .map((row) => JSON.parse(row) as Item)
      .filter((row) => row['board'] === board)
      .sort((a, b) => (String(a['windowEnd']) < String(b['windowEnd']) ? 1 : -1));
    expect(newest.map((row) => row['windowEnd'])).toEqual(
      ofBoard.slice(0, 3).map((row) => row['windowEnd']),
    );
    expect(comparable(newest)).toEqual(comparable(ofBoard.slice(0, 3)));
  });

  it('answers Invoke as Lambda does, and says that it knows nothing else', async () => {
    const fn = name('closeWindows');
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${fn}`;
    const call = (args: object): Call => [
      'operation',
      { service: 'lambda', name: 'invoke', ...args },
    ];
    const refused = (Code: string) => expect.objectContaining({ retries: 0, Code });
    const answers = await commands.boto(
      call({ FunctionName: arn, Payload: '{}' }),
      call({ FunctionName: `${fn}:$LATEST`, Payload: '{}' }),
      call({ FunctionName: fn, Payload: '{}', InvocationType: 'DryRun' }),
      call({ FunctionName: fn, Payload: '{}', InvocationType: 'Event' }),
      call({ FunctionName: fn, Payload: '{"cut' }),
      call({ FunctionName: fn, Payload: '{}', InvocationType: 'Sometime' }),
      call({ FunctionName: fn, Qualifier: '7' }),
      call({ FunctionName: 'nothing' }),
      ['operation', { service: 'lambda', name: 'list_functions' }],
    );
    expect(answers).toEqual([
      ...[200, 200, 204, 202],
      refused('InvalidRequestContentException'),
      refused('InvalidParameterValueException'),
      refused('ResourceNotFoundException'),
      refused('ResourceNotFoundException'),
      refused('UnknownOperationException'),
    ]);
  });

  it('answers the lines of its document', async () => {
    const section =
      /^## Other clients$([\s\S]*?)^## /m.exec(readFileSync(DOCUMENT, 'utf8'))?.[1] ?? '';
    const blocks = [...section.matchAll(/^```(sh|python)\n([\s\S]*?)^```/gm)];
    const texts = (language: string) =>
      blocks.flatMap(([, of, text = '']) => (of === language ? [atThisStack(text)] : []));
    const [shell, python] = [texts('sh'), texts('python')];
    expect([shell.length, python.length]).toEqual([2, 1]);
    const out = await commands.bash([...shell, `python - <<'END'\n${python}END`].join('\n'));
    expect(out).toContain('"SequenceNumber"');
    expect(out).toContain('"pvuv@1":{"outcome"');
    const hour = JSON.parse(rowsOf('pvuv')[0] ?? '{}') as Item;
    expect(out).toContain(`${hour['windowEnd']} ${hour['pv']} ${hour['uv']}`);
  });

  /** The document names the usual ports. */
  function atThisStack(text: string): string {
    const usual = { KINESIS: 4567, DYNAMODB: 4568, LAMBDA: 4569 };
    return Object.entries(usual).reduce(
      (so, [service, port]) =>
        so.replaceAll(
          `http://127.0.0.1:${port}`,
          stack.variables[`AWS_ENDPOINT_URL_${service}`] ?? '',
        ),
      text,
    );
  }
});
