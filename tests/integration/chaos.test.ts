/** `npm start -- --chaos`: a stack that is broken while it works comes to what nothing disturbed comes to; and who compares sees what does not. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitShard } from '../../infra/local/chaos/split.ts';
import { verdictOn, verdictText } from '../../infra/local/chaos/verdict.ts';
import { clientsOf } from '../../infra/local/servers.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { generateEvents, SAMPLE_SEED } from '../../inputs/generate/generateEvents.ts';
import { parameterVariable } from '../../shared/lambda/contract.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { startProcess } from './startProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const SAMPLES: Readonly<Record<StreamName, number>> = {
  'user-behavior': 8_000,
  'page-views': 1_000,
  'app-marketing': 1_000,
  'ad-clicks': 2_000,
  logins: 2_000,
  orders: 1_000,
  receipts: 500,
};
/** Windows that are fewer; and so few clicks that somebody is blocked. */
const VARIABLES = [
  [parameterVariable('app-promotion', 'slide'), '1min'],
  [parameterVariable('hot-pages', 'slide'), '1min'],
  [parameterVariable('ad-blacklist', 'limit'), '20'],
] as const;
const eventsOf = (stream: StreamName) =>
  generateEvents(stream, { seed: SAMPLE_SEED, events: SAMPLES[stream] ?? 0, course: 'evening' });

beforeAll(() => {
  for (const [variable, text] of VARIABLES) process.env[variable] = text;
});
afterAll(() => {
  for (const [variable] of VARIABLES) delete process.env[variable];
});

it('ends with the rows of tidemark run, whatever was broken', async () => {
  const inputs = Object.keys(SAMPLES).flatMap((stream) => {
    const file = join(folder, `${stream}.jsonl`);
    writeFileSync(file, [...eventsOf(stream)].map(({ line }) => String(line)).join('\n'));
    return ['--input', `${stream}=${file}`];
  });
  // Two hours in twenty seconds, so that there is time to break something.
  const options = ['--once', '--chaos', '1', '--port', '0', '--speed', '360'];
  const started = startProcess(...options, ...inputs);
  expect(await started.ended, started.stdout() + started.stderr()).toBe(0);
  const [, ...counts] =
    /^Chaos with seed 1 killed (\d+) invocations?, delivered (\d+) batch(?:es)? twice and (\d+) late, split (\d+) shard\.$/m.exec(
      started.stdout(),
    ) ?? [];
  expect(counts).toHaveLength(4);
  for (const count of counts) expect(Number(count)).toBeGreaterThan(0);
  const [, rows = '0'] =
    /^Every one of ([\d,]+) rows in 12 tables equals `tidemark run`\.$/m.exec(started.stdout()) ??
    [];
  expect(Number(rows.replace(',', ''))).toBeGreaterThan(2_000);
}, 150_000);

it('is no success where it is interrupted before the verdict', async () => {
  const started = startProcess('--once', '--chaos', '1', '--port', '0', '--speed', '60');
  await started.prints(/Kinesis +http/);
  started.child.kill('SIGTERM');
  expect(await started.ended, started.stderr()).toBe(130);
  expect(started.stdout()).not.toContain('Chaos with seed');
}, 60_000);

describe('the verdict', () => {
  let stack: Stack;
  const streams = ['user-behavior', 'ad-clicks'];
  const inputs = streams.map((stream) => ({
    name: stream,
    stream,
    events: () => [...eventsOf(stream)].slice(0, 1_500),
  }));
  const differences = async () => (await verdictOn(stack, inputs)).differences;

  beforeAll(async () => {
    stack = await startStack({ shards: 1 });
    const { kinesis, ...others } = clientsOf(stack.endpoints, stack.definitions.region);
    const halves = inputs.map((input) => {
      const events = input.events();
      return [events.slice(0, 700), events.slice(700)].map((some, half) => ({
        ...input,
        name: `${input.name} ${half}`,
        events: () => some,
      }));
    });
    const replay = (half: number) =>
      stack.replay({ inputs: halves.flatMap((each) => each.slice(half, half + 1)), speed: 'max' });
    await replay(0);
    for (const stream of streams) await splitShard(kinesis, `tidemark-local-${stream}`);
    await replay(1);
    for (const client of [kinesis, ...Object.values(others)]) client.destroy();
    await stack.waitUntilDrained();
    await stack.flush();
  });
  afterAll(() => stack.stop());

  it('finds everything right over parents and children, also where a child waits for its parent', async () => {
    const verdict = await verdictOn(stack, inputs);
    expect(verdict).toMatchObject({ tables: 12, differences: [] });
    expect(verdict.rows).toBeGreaterThan(300);
  });

  it('finds a row that was counted twice, one that is gone, and one too many', async () => {
    const table = stack.table('pvuv');
    const [row] = await stack.rows('pvuv');
    if (!row) throw new Error('there is no row');
    const { pv, windowEnd } = row;
    await table.batchPut([{ ...row, pv: Number(pv) + 1 }]);
    const key = `pvuv all ${windowEnd}`;
    expect(await differences()).toEqual([`${key}: {"pv":${Number(pv) + 1}}, not {"pv":${pv}}`]);
    await table.batchPut([row, { ...row, windowEnd: '2030-01-01T00:00:00.000Z' }]);
    expect(await differences()).toEqual([
      expect.stringMatching(/^pvuv all 2030-01-01T00:00:00.000Z: {.*}, not no row$/),
    ]);
    await table.batchRemove([{ pk: 'all', sk: '2030-01-01T00:00:00.000Z' }]);
    await table.batchRemove([{ pk: 'all', sk: String(windowEnd) }]);
    expect(await differences()).toEqual([expect.stringMatching(`^${key}: no row, not {.*}$`)]);
    await table.batchPut([row]);
    expect(await differences()).toEqual([]);
  });

  it('finds an event of the input that never came to its stream', async () => {
    const more = [{ name: 'more', stream: 'ad-clicks', events: () => eventsOf('ad-clicks') }];
    const { differences: lines } = await verdictOn(stack, more);
    expect(lines).toEqual([`ad-clicks: 500 events of the input are not on the stream`]);
  });

  it('is not right where a function crashed, although every row is, and says so once', async () => {
    const crashes = ['pvuv: crashed, and not on purpose: boom'];
    expect((await verdictOn(stack, inputs, [...crashes, ...crashes])).differences).toEqual(crashes);
  });

  it('says what was done, and how it ended', () => {
    const tally = { killed: 2, twice: 3, late: 1, split: 1 };
    expect(verdictText(7, tally, { rows: 1_234, tables: 9, differences: [] })).toBe(
      'Chaos with seed 7 killed 2 invocations, delivered 3 batches twice and 1 late, split 1 shard.\n' +
        'Every one of 1,234 rows in 9 tables equals `tidemark run`.\n',
    );
    const wrong = verdictText(7, tally, {
      rows: 1,
      tables: 9,
      differences: ['pvuv all: 1, not 2'],
    });
    expect(wrong).toContain('Not as without chaos:\n  pvuv all: 1, not 2\n');
  });
});
