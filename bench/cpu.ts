/**
 * Ingest CPU: from Lambda's parsed event object to the last write, on tables that remember what was put and cost next to
 * nothing.
 */
import type { KinesisStreamEvent } from 'aws-lambda';
import { kinesisEvent } from '../infra/local/kinesisEvent.ts';
import { memoryPorts } from '../shared/adapters/memory/memoryPorts.ts';
import { createEngine, type Engine } from '../shared/engine.ts';
import { laneStreamsOf, repartitionStreamOf } from '../shared/job/repartition.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { physicalName } from '../shared/lambda/contract.ts';
import { shardBatches } from '../shared/lambda/kinesisEvent.ts';
import type { ShardId, StreamName } from '../shared/model/lane.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import { type Item, itemKey, type Key, type Table } from '../shared/ports/table.ts';
import type { StreamRecord } from '../shared/records/entry.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { type Case, keyedCases, windowCases } from './cases.ts';
import type { BenchEvent } from './events.ts';
import { RECORD_FORMS, type RecordForm, readingAs } from './recordForms.ts';
import { batchesOf, PACKED, packer } from './records.ts';
import { type Rounds, type Row, type RowOf, rowsIn, summarize } from './report.ts';
import { BenchClock } from './scene.ts';

const STAGE = 'prod';

interface Timing {
  readonly row: RowOf;
  readonly batch: number;
  readonly warmUpRounds: number;
  readonly rounds: number;
  /** Events a second that are asked for, with an event a record and packed. */
  readonly budgets?: { readonly unpacked: number; readonly packed: number };
}

export async function measureIngestCpu(
  events: readonly BenchEvent[],
  rounds: number,
): Promise<Row[]> {
  const { hotItems, pvuv, profiles, funnel } = windowCases(events);
  const timing = { row: rowsIn('ingest CPU'), batch: 9_000, warmUpRounds: 2, rounds };
  return [
    ...(await measure([hotItems, { ...pvuv, what: 'pv and uv' }], {
      ...timing,
      budgets: { unpacked: 250_000, packed: 400_000 },
    })),
    ...(await measure([profiles, funnel], {
      ...timing,
      budgets: { unpacked: 150_000, packed: 150_000 },
    })),
  ];
}

export async function measureKeyedCpu(events: number, rounds: number): Promise<Row[]> {
  const row = rowsIn('keyed jobs, ingest CPU');
  return measure(await keyedCases(events), { row, batch: 1_000, warmUpRounds: 1, rounds });
}

/** One job's records in each form, so many events in each record. */
export async function measureRecordForms(
  events: readonly BenchEvent[],
  rounds: number,
): Promise<Row[]> {
  const row = rowsIn(`record forms, ${PACKED} events a record, ingest CPU`);
  const { pvuv } = windowCases(events);
  const timing = { row, batch: 9_000, warmUpRounds: 2, rounds };
  const rows: Row[] = [];
  for (const form of RECORD_FORMS) {
    const rate = await eventsPerSecond(
      { ...pvuv, job: readingAs(pvuv.job, form) },
      PACKED,
      timing,
      form,
    );
    rows.push(row(`pv and uv, ${form.what}`, rate, 'events/s per core'));
  }
  return rows;
}

async function measure(cases: readonly Case[], timing: Timing): Promise<Row[]> {
  const rows: Row[] = [];
  const { row, budgets } = timing;
  for (const each of cases) {
    for (const { form, linesEach, atLeast } of [
      { form: 'unpacked', linesEach: 1, atLeast: budgets?.unpacked },
      { form: `packed, ${PACKED} a record`, linesEach: PACKED, atLeast: budgets?.packed },
    ]) {
      const rate = await eventsPerSecond(each, linesEach, timing);
      rows.push(row(`${each.what}, ${form}`, rate, 'events/s per core', { atLeast }));
    }
    if (repartitionStreamOf(each.job) === undefined) continue;
    const rate = await forwardedPerSecond(each, timing);
    rows.push(row(`${each.what}, where they were forwarded to`, rate, 'events/s per core'));
  }
  return rows;
}

async function eventsPerSecond(
  { job, lines }: Case,
  linesEach: number,
  { batch, warmUpRounds, rounds }: Timing,
  form?: RecordForm,
): Promise<Rounds> {
  const events = eventsOf({ lines }, linesEach, batch, form);
  const streams = streamsOf(job);
  const rates: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const { engine } = engineOf(job, lines.at(-1)?.arrivalMs ?? 0);
    const before = performance.now();
    await ingestAll(engine, events, streams);
    const seconds = (performance.now() - before) / 1_000;
    if (round >= 0) rates.push(lines.length / seconds);
  }
  return summarize(rates, 'more');
}

/** Of the job's own stream: what one batch forwarded is one batch there. */
async function forwardedPerSecond(
  { job, lines }: Case,
  { batch, warmUpRounds, rounds }: Timing,
): Promise<Rounds> {
  const events = eventsOf({ lines }, PACKED, batch);
  const rates: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const { engine, ports } = engineOf(job, lines.at(-1)?.arrivalMs ?? 0);
    await engine.fire?.('schedule');
    let seconds = 0;
    for (const event of events) {
      await ingestAll(engine, [event], streamsOf(job));
      const forwarded = (ports.stored.own?.take() ?? []).map(({ stream, shard, records }) =>
        lambdaEvent(records, stream, shard),
      );
      const before = performance.now();
      await ingestAll(engine, forwarded, laneStreamsOf(job));
      seconds += (performance.now() - before) / 1_000;
    }
    if (round >= 0) rates.push(lines.length / seconds);
  }
  return summarize(rates, 'more');
}

async function ingestAll(
  { ingest }: Pick<Engine, 'ingest'>,
  events: readonly KinesisStreamEvent[],
  streams: readonly StreamName[],
): Promise<void> {
  for (const event of events) {
    for (const each of shardBatches(event, STAGE, streams)) await ingest(each);
  }
}

/** What Lambda invokes a function with, for each batch of a stream. */
function eventsOf(
  { lines }: Pick<Case, 'lines'>,
  linesEach: number,
  batch: number,
  form?: RecordForm,
): KinesisStreamEvent[] {
  const recordsOf = packer();
  return [...Map.groupBy(lines, ({ stream }) => stream)].flatMap(([stream, all]) =>
    [...batchesOf(all, batch)].map((each) =>
      lambdaEvent(recordsOf(each, linesEach, form?.write), stream, shardIdOf(0)),
    ),
  );
}

function lambdaEvent(records: readonly StreamRecord[], stream: StreamName, shard: ShardId) {
  const streamName = physicalName(STAGE, stream);
  const arrived = records.map((each) => ({ ...each, arrivalSeconds: each.arrival / 1_000 }));
  return kinesisEvent(arrived, { region: 'us-east-1', streamName, shard });
}

function engineOf(job: Case['job'], nowMs: number) {
  const clock = new BenchClock();
  clock.moveTo(nowMs);
  const nudge = async () => {};
  const ports = memoryPorts(job, { clock, state: plainTable, results: plainTable, nudge });
  return { ports, engine: createEngine(job, ports, DEFAULT_SETTINGS) };
}

/** Like this one, for a single writer that reads no range: every condition holds. */
function plainTable({ description }: Table): Table {
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
