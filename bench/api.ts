/**
 * The query API over an embedded DynamoDB with the rows of all jobs on generated events: how long viewers wait, what they
 * cost, and whether either depends on how much is stored.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS, LOCAL_STAGE } from '../cli/endpoints.ts';
import { runJob } from '../cli/runJob.ts';
import { createApi } from '../functions/api/app.ts';
import { buildAssets } from '../functions/api/buildAssets.ts';
import { KEEP_MS } from '../functions/api/routes/route.ts';
import { JOBS } from '../functions/jobs.ts';
import { readDefinitions } from '../infra/local/definitions.ts';
import { startDynamoServer } from '../infra/local/dynamoServer.ts';
import { createTables } from '../infra/local/resources.ts';
import { PROJECT_ROOT } from '../infra/local/stack.ts';
import { generateEvents, SAMPLE_SEED } from '../inputs/generate/generateEvents.ts';
import { interleave } from '../inputs/interleave.ts';
import { dynamoRowsReader } from '../shared/adapters/aws/rowsReader.ts';
import { dynamoTable } from '../shared/adapters/aws/table.ts';
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredRowsReader } from '../shared/adapters/meteredRowsReader.ts';
import { meteredTable, unitMeter } from '../shared/adapters/meteredTable.ts';
import { systemClock } from '../shared/adapters/systemClock.ts';
import type { Job } from '../shared/job/job.ts';
import { problemAttributes } from '../shared/job/lists.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { WINDOW_END } from '../shared/job/tables.ts';
import { earlier, eventTime, seconds } from '../shared/model/time.ts';
import type { Item, Table, TableDescription } from '../shared/ports/table.ts';
import { stateTable } from '../shared/state/keys.ts';
import { type Row, rowsIn } from './report.ts';

const MINUTE_MS = 60_000;
const POLL_MS = 5_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How much dearer an answer may be for a year of windows. */
const YEAR_MAX = 1.2;
const PAGE_KB_MAX = 60;

const row = rowsIn('query API');

/** @param events of each stream @param days that windows are stored for, in the end @param pollingMs how long viewers poll */
export async function measureApi(events: number, days: number, pollingMs: number): Promise<Row[]> {
  const { region, tables } = readDefinitions({ root: PROJECT_ROOT, stage: LOCAL_STAGE });
  const server = await startDynamoServer({ port: 0 });
  const { endpoint } = server;
  const client = new DynamoDBClient({ region, endpoint, credentials: LOCAL_CREDENTIALS });
  try {
    const described = tables.map(({ indexes: _, ...table }) => table);
    await createTables(tables, client);
    const stored = await fill(client, described, events);
    const few = await measured(stored, pollingMs);
    const added = await putOlder(stored, days);
    const many = await measured(stored, pollingMs);
    const problems = await putIncident(stored);
    const incident = await unitsOf(stored, [0]);
    return [
      ...rowsOf('some hours', few),
      ...rowsOf(`${days} days`, many),
      row(`windows of ${days} days, in the partitions that are read`, added, 'rows', {
        note: 'one an hour',
      }),
      row(
        `/v1/overview, ${days} days / some hours`,
        many.overview / few.overview,
        'ratio of units',
        {
          atMost: YEAR_MAX,
        },
      ),
      row('p99 of it, those / some hours', p99Of(many) / p99Of(few), 'ratio of ms'),
      row(`/v1/overview, ${problems} problems in the hour`, incident, 'RRU'),
      row('first load of the page', await pageKilobytes(), 'KB gzipped', { atMost: PAGE_KB_MAX }),
    ];
  } finally {
    client.destroy();
    await server.stop();
  }
}

/** The page and all that it loads before it asks for anything. */
async function pageKilobytes(): Promise<number> {
  const assets = [...(await buildAssets())].filter(([path]) => path !== '/openapi.json');
  return assets.reduce((sum, [, { gzip }]) => sum + gzip.length, 0) / 1_000;
}

interface Stored {
  readonly client: DynamoDBClient;
  /** By logical name, under their physical ones. */
  readonly tables: ReadonlyMap<string, TableDescription>;
  readonly rows: ReadonlyMap<string, readonly Item[]>;
  readonly state: Table;
}

async function fill(
  client: DynamoDBClient,
  described: readonly (TableDescription & { readonly physicalName: string })[],
  events: number,
): Promise<Stored> {
  const tables = new Map(
    described.map(({ physicalName, ...table }) => [table.name, { ...table, name: physicalName }]),
  );
  const rows = new Map<string, readonly Item[]>();
  const state = memoryTable(stateTable('state'));
  for (const family of JOBS) {
    const result = await computed(family.build(), events);
    await state.batchPut([...result.state()]);
    for (const [name, items] of result.tables) {
      rows.set(name, items);
      const table = tables.get(name);
      if (table) await dynamoTable(client, table).batchPut(items);
    }
  }
  return { client, tables, rows, state };
}

function computed(job: Job, events: number) {
  const inputs = streamsOf(job).map(async function* (stream) {
    const share = stream === 'receipts' ? events / 2 : events;
    for (const event of generateEvents(stream, { seed: SAMPLE_SEED, events: share })) {
      yield { ...event, stream };
    }
  });
  return runJob(job, interleave(inputs), { lanes: 2, batch: 10_000, atEnd: 'leaveOpen' });
}

/** The newest window that a screen reads of each table, once more for each hour of many days before. Says how many. */
async function putOlder({ client, tables, rows }: Stored, days: number): Promise<number> {
  let added = 0;
  for (const { usual } of JOBS) {
    if (usual.kind !== 'window' || usual.headline?.of === undefined) continue;
    const { name, partitionKey } = usual.table;
    const read = (rows.get(name) ?? []).filter((each) => each[partitionKey] === usual.headline?.of);
    const [table, newest] = [tables.get(name), read.at(-1)];
    if (table === undefined || newest === undefined) throw new Error(`${name} has no window`);
    const older = Array.from({ length: (days * DAY_MS) / HOUR_MS }, (_, hour) => ({
      ...newest,
      [WINDOW_END]: isoAfter(String(read[0]?.[WINDOW_END]), -(hour + 1) * HOUR_MS),
    }));
    await dynamoTable(client, table).batchPut(older);
    added += older.length;
  }
  return added;
}

/** Payments have failed: orders that are not paid, one a second up to now. Says how many. */
async function putIncident(stored: Stored): Promise<number> {
  const { client, tables, rows } = stored;
  const order = rows.get('order-status')?.find(({ status }) => status === 'timedOut');
  const table = tables.get('order-status');
  if (table === undefined || order === undefined) throw new Error('no order has timed out');
  const response = await apiOver(stored, {}).request('/v1/overview');
  const { now } = (await response.json()) as { readonly now: string };
  const [status, until] = ['timedOut', eventTime(Date.parse(now))];
  const more = Array.from({ length: INCIDENT_ORDERS }, (_, n) => ({
    ...order,
    orderId: `incident-${n}`,
    ...problemAttributes({ status, at: earlier(until, seconds(n)) }, `incident-${n}`),
  }));
  await dynamoTable(client, table).batchPut(more);
  return more.length;
}

const INCIDENT_ORDERS = 3_000;

const isoAfter = (time: string, ms: number): string =>
  new Date(Date.parse(time) + ms).toISOString();

interface Measured {
  /** Read units of one answer. */
  readonly overview: number;
  readonly jobs: number;
  /** Of a minute. */
  readonly oneViewer: number;
  readonly manyViewers: number;
  /** What 50 viewers waited, in ms. */
  readonly waits: readonly number[];
}

const VIEWERS = 50;
const MANY_VIEWERS = 100;

async function measured(stored: Stored, pollingMs: number): Promise<Measured> {
  return {
    overview: await unitsOf(stored, [0]),
    jobs: await unitsOf(stored, [0], '/v1/jobs'),
    oneViewer: await unitsOf(stored, minuteOf(1)),
    manyViewers: await unitsOf(stored, minuteOf(MANY_VIEWERS)),
    waits: await waitsOf(stored, pollingMs),
  };
}

const shareOf = ({ waits }: Measured, share: number): number =>
  waits.toSorted((a, b) => a - b)[Math.floor(waits.length * share)] ?? 0;
const p99Of = (of: Measured): number => shareOf(of, 0.99);

function rowsOf(what: string, of: Measured): Row[] {
  const { overview, jobs, oneViewer, manyViewers } = of;
  return [
    row(`/v1/overview, ${what}`, overview, 'RRU'),
    row(`/v1/jobs, ${what}`, jobs, 'RRU'),
    row(`a minute of 1 viewer, ${what}`, oneViewer, 'RRU'),
    row(`a minute of ${MANY_VIEWERS} viewers, ${what}`, manyViewers, 'RRU', {
      // As often as answers are renewed, beside as often as one viewer asks.
      atMost: oneViewer * (POLL_MS / KEEP_MS),
    }),
    row(`/v1/overview of ${VIEWERS} viewers, half, ${what}`, shareOf(of, 0.5), 'ms'),
    row(`/v1/overview of ${VIEWERS} viewers, p99, ${what}`, p99Of(of), 'ms'),
  ];
}

/** When each request of a minute comes, in order: every viewer asks every 5 s, at a moment of its own. */
const minuteOf = (viewers: number): number[] =>
  Array.from({ length: viewers }, (_, viewer) =>
    Array.from(
      { length: MINUTE_MS / POLL_MS },
      (_, n) => n * POLL_MS + (viewer * POLL_MS) / viewers,
    ),
  )
    .flat()
    .sort((a, b) => a - b);

/** On a clock that the benchmark moves. @param times of requests, in ms */
async function unitsOf(
  stored: Stored,
  times: readonly number[],
  path = '/v1/overview',
): Promise<number> {
  const meter = unitMeter();
  let now = 1;
  const app = apiOver(stored, { meter, ticks: () => now });
  for (const time of times) {
    now = 1 + time;
    await app.request(path);
  }
  return meter.read;
}

function apiOver(
  { client, tables, state }: Stored,
  { meter = unitMeter(), ticks = () => performance.now() },
) {
  return createApi({
    stage: LOCAL_STAGE,
    families: JOBS,
    environment: {},
    rows: meteredRowsReader(dynamoRowsReader(client, tables), meter),
    state: meteredTable(state, meter),
    clock: systemClock,
    assets: new Map(),
    batchWindow: seconds(1),
    ticks,
  });
}

/** Viewers that poll as the dashboard does. */
async function waitsOf(stored: Stored, pollingMs: number): Promise<number[]> {
  const app = apiOver(stored, {});
  const waits: number[] = [];
  const end = performance.now() + pollingMs;
  const view = async (viewer: number) => {
    await delay((viewer * POLL_MS) / VIEWERS);
    let tag = '';
    while (performance.now() < end) {
      const start = performance.now();
      const response = await app.request('/v1/overview', { headers: { 'If-None-Match': tag } });
      await response.arrayBuffer();
      waits.push(performance.now() - start);
      tag = response.headers.get('etag') ?? '';
      await delay(POLL_MS);
    }
  };
  await Promise.all(Array.from({ length: VIEWERS }, (_, viewer) => view(viewer)));
  return waits;
}
