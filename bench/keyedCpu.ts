/**
 * Ingest CPU of the keyed jobs: from Lambda's parsed event object to the last write, on tables that remember what was
 * put and cost next to nothing.
 */

import { streamsOf } from '../shared/job/head.ts';
import { type Job, tablesOf } from '../shared/job/job.ts';
import { shardBatches } from '../shared/lambda/kinesisEvent.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import { resultTables } from '../shared/ports/ports.ts';
import type { Item, Key, Table, TableDescription } from '../shared/ports/table.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { itemKey, stateTable } from '../shared/state/keys.ts';
import { type KeyedCase, keyedCases } from './keyedCases.ts';
import type { KeyedLine } from './keyedEvents.ts';
import { batchesOf, lambdaEventOf, PACKED, recordsOfLines, STAGE } from './records.ts';
import { type Rounds, type Row, summarize } from './report.ts';
import { BenchClock, createIngest, type Ingest, OPEN_SHARDS } from './stand.ts';

const SECTION = 'keyed jobs, ingest CPU';
const SHARD = shardIdOf(0);
const BATCH = 1_000;
const WARM_UP_ROUNDS = 1;

export async function measureKeyedCpu(options: {
  readonly events: number;
  readonly rounds: number;
}): Promise<Row[]> {
  const rows: Row[] = [];
  for (const each of await keyedCases(options.events)) {
    for (const { form, linesEach } of [
      { form: 'unpacked', linesEach: 1 },
      { form: `packed, ${PACKED} a record`, linesEach: PACKED },
    ]) {
      const { median, best } = await eventsPerSecond(each, linesEach, options.rounds);
      const what = `${each.job.name}, ${form}`;
      rows.push({ section: SECTION, what, measured: median, best, unit: 'events/s per core' });
    }
  }
  return rows;
}

async function eventsPerSecond(
  { job, lines }: KeyedCase,
  linesEach: number,
  rounds: number,
): Promise<Rounds> {
  const events = [...streamBatches(lines)].map(([stream, batch]) =>
    lambdaEventOf(SHARD, recordsOfLines(batch, linesEach), stream),
  );
  const streams = streamsOf(job);
  const rates: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const ingest = ingestOver(job, lines.at(-1)?.arrivalMs ?? 0);
    const before = performance.now();
    for (const event of events) {
      for (const batch of shardBatches(event, STAGE, streams)) await ingest.ingest(batch);
    }
    const seconds = (performance.now() - before) / 1_000;
    if (round >= 0) rates.push(lines.length / seconds);
  }
  return summarize(rates, 'more');
}

function* streamBatches(lines: readonly KeyedLine[]): Generator<readonly [string, KeyedLine[]]> {
  for (const [stream, all] of Map.groupBy(lines, (line) => line.stream)) {
    for (const batch of batchesOf(all, BATCH)) yield [stream, batch];
  }
}

function ingestOver(job: Job, nowMs: number): Ingest {
  const clock = new BenchClock();
  clock.moveTo(nowMs);
  const tables = new Map(tablesOf(job).map((table) => [table.name, plainTable(table)]));
  return createIngest(
    job,
    {
      state: plainTable(stateTable('state')),
      results: resultTables(tables),
      clock,
      ...OPEN_SHARDS,
      nudge: { send: async () => {} },
    },
    DEFAULT_SETTINGS,
  );
}

/** For a single writer that reads no range: every condition holds. */
function plainTable(description: TableDescription): Table {
  const items = new Map<string, Item>();
  const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;
  const set = (item: Item): void => {
    items.set(nameOf(itemKey(description, item)), item);
  };
  return {
    description,
    get: async (key) => items.get(nameOf(key)),
    async *query() {},
    batchGet: async (keys) =>
      keys.map((key) => items.get(nameOf(key))).filter((item) => item !== undefined),
    async put(item) {
      set(item);
      return { kind: 'written' };
    },
    async batchPut(all) {
      all.forEach(set);
    },
    batchRemove: async () => {},
    update: async () => ({ kind: 'written' }),
  };
}
