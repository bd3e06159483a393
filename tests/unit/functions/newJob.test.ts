/** Jobs that no list knows: what the project says of a job, it has from its declaration. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { resultTablesOf } from '../../../cli/options.ts';
import { runJob } from '../../../cli/runJob.ts';
import { readHeadline } from '../../../infra/local/headlines.ts';
import { accessOf } from '../../../infra/roles/access.ts';
import { schedulesOf } from '../../../infra/schedules.ts';
import { formatsOf } from '../../../inputs/formats.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import {
  count,
  days,
  epochMilliseconds,
  eventTime,
  grouped,
  hours,
  id,
  job,
  later,
  minutes,
  parameterized,
  seconds,
  source,
  tumbling,
} from '../../../shared/index.ts';
import { type Job, type JobFamily, tablesOf } from '../../../shared/job/job.ts';
import { parseLine } from '../../support/parseLine.ts';

const parcelSchema = z.object({ parcelId: id(), depot: id(), seenAt: epochMilliseconds() });
const parcels = source({
  stream: 'parcels',
  schema: parcelSchema,
  eventTime: 'seenAt',
  partitionKey: 'parcelId',
  csv: ['parcelId', 'seenAt', 'depot'],
});
type Parcel = z.output<typeof parcelSchema>;

const head = {
  version: 1,
  source: parcels,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
};
const perDepot = {
  assign: tumbling({ size: hours(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: grouped(({ depot }: Parcel) => depot, count()),
} as const;

const parcelTracking = parameterized({}, () =>
  job({ ...head, name: 'parcel-tracking' }).status({
    key: ({ parcelId }) => parcelId,
    initial: 0,
    merge: (last: number, { seenAt }) => Math.max(last, seenAt),
    timers: (last) => [later(eventTime(last), hours(1))],
    view: (last, watermark) => {
      const lostAt = later(eventTime(last), hours(1));
      return watermark < lostAt
        ? { status: 'moving', row: {} }
        : { status: 'lost', at: lostAt, row: { last } };
    },
    statuses: { moving: 'fine', lost: 'problem' },
    waits: [hours(1)],
    stateRetention: days(7),
    table: { name: 'parcel-status', partitionKey: 'parcelId' },
  }),
);
const depotLoad = parameterized({}, () =>
  job({ ...head, name: 'depot-load' }).window({
    ...perDepot,
    table: { name: 'depot-load', partitionKey: 'depot' },
    result: (depots) => [...depots].map(([depot, seen]) => ({ depot, seen })),
    headline: { of: 'north', show: ({ seen }) => seen },
  }),
);
/** The same without a word on headlines. */
const quietDepots = parameterized({}, () => {
  const { headline: _, ...silent } = depotLoad.usual;
  return { ...silent, name: 'quiet-depots', id: 'quiet-depots@1' };
});

const LINES = ['p1,1511658000,north', 'p2,1511658001,south', 'p1,1511658002,north', 'p3,x,north'];

const asFamily = (family: { readonly name: string }) => family as unknown as JobFamily;

async function headlineOf(built: Job): Promise<string | undefined> {
  const format = formatsOf([asFamily(parcelTracking)])['parcels'];
  if (!format) throw new Error('the stream has no format');
  const events = LINES.map((line) => parseLine(line, format, 's'));
  const { tables } = await runJob(built, events, { lanes: 1, batch: 10, atEnd: 'flush' });
  const rowsOf = (name: string) => tables.get(name) ?? [];
  const stored = new Map(
    await Promise.all(
      tablesOf(built).map(async (description) => {
        const table = memoryTable(description);
        await table.batchPut(rowsOf(description.name));
        return [description.name, table] as const;
      }),
    ),
  );
  return readHeadline(built, {
    rows: async (name) => [...rowsOf(name)],
    count: async (name) => rowsOf(name).length,
    countBy: async (name, attribute) => {
      const problems = rowsOf(name).filter((row) => 'problem' in row);
      const values = Map.groupBy(problems, (row) => String(row[attribute]));
      return new Map([...values].map(([value, rows]) => [value, rows.length]));
    },
    table: (name) => stored.get(name) ?? memoryTable({ name, partitionKey: 'none' }),
  });
}

it('says how files of its stream read', () => {
  const format = formatsOf([asFamily(parcelTracking)])['parcels'];
  expect(format && parseLine('p1,1511658000,north', format, 's')).toMatchObject({
    line: '{"parcelId":"p1","seenAt":1511658000000,"depot":"north"}',
    partitionKey: 'p1',
    eventTimeMs: 1_511_658_000_000,
  });
});

it('says which problems its rows may have', () => {
  expect(resultTablesOf([parcelTracking, depotLoad].map(asFamily))).toMatchObject([
    { name: 'parcel-status', rows: 'statuses', problems: ['lost'] },
    { name: 'depot-load', rows: 'windows', problems: [] },
  ]);
});

it.each([
  ['problems', parcelTracking, 'lost 2'],
  ['the row that it names', depotLoad, 'to 02:00: 2'],
  [
    'all rows of the latest window',
    quietDepots,
    'to 02:00: depot north, seen 2, depot south, seen 1',
  ],
] as const)('says in a headline: %s', async (_, family, headline) => {
  expect(await headlineOf(asFamily(family).build())).toBe(headline);
});

it('says who works for it, on which tables', () => {
  const jobs = { parcelTracking, depotLoad };
  const families = Object.values(jobs).map(asFamily);
  const built = Object.entries(jobs).map(([name, each]) => [name, asFamily(each).build()]);
  const [tracking] = accessOf(Object.fromEntries(built));
  expect(tracking).toMatchObject({ name: 'parcelTracking', polls: ['parcels'] });
  const ids = (name: 'closeWindows' | 'fireTimers') =>
    schedulesOf(name, Object.fromEntries(families.entries())).map(
      ({ schedule }) => schedule.input['job'],
    );
  expect(ids('closeWindows')).toEqual(['depot-load@1']);
  expect(ids('fireTimers')).toEqual(['parcel-tracking@1']);
});
