/**
 * The API over tables that the jobs themselves have filled: events in, rows by the engine, put into an embedded DynamoDB as they
 * are, and read from there. What the API asks for is counted.
 */

import { type ApiOptions, createApi } from '../../functions/api/app.ts';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { dynamoRowsReader } from '../../shared/adapters/aws/rowsReader.ts';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { indexOf } from '../../shared/job/traits.ts';
import { buildWith } from '../../shared/lambda/environment.ts';
import { processingTime, seconds } from '../../shared/model/time.ts';
import type { IndexName, RowsReader } from '../../shared/ports/rowsReader.ts';
import type { Item } from '../../shared/ports/table.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { type TestClock, testClock } from './clock.ts';
import { type DynaliteServer, startDynalite } from './dynalite.ts';
import { TestEngine } from './engine.ts';
import { SHOP_START_MS, type ShopEvent, shopEvents } from './shopEvents.ts';

/** Behind all events, so that none of them is of the future. */
const DAY_MS = 86_400_000;

export interface ApiStage {
  readonly server: DynaliteServer;
  /** What the jobs have written, by table, with what the engine keeps on it. */
  readonly stored: ReadonlyMap<string, readonly Item[]>;
  /** Over these tables, with other options. */
  api(options?: Partial<ApiOptions>): ReturnType<typeof createApi>;
  readonly rows: RowsReader;
  readonly state: MemoryTable;
  readonly clock: TestClock;
  stop(): Promise<void>;
}

/** Windows that end every minute instead of every few seconds: rows enough. */
const FEW_WINDOWS = { TIDEMARK_HOT_PAGES_SLIDE: '1min', TIDEMARK_APP_PROMOTION_SLIDE: '1min' };

/** @param environment overrides parameters of jobs */
export async function startApiStage(
  events: readonly ShopEvent[] = shopEvents(),
  environment: ApiOptions['environment'] = FEW_WINDOWS,
): Promise<ApiStage> {
  const state = memoryTable(stateTable('state'));
  const clock = testClock(processingTime(SHOP_START_MS + DAY_MS));
  const jobs = Object.values(INGEST_JOBS).map((family) => buildWith(environment, family));
  const stored = new Map<string, readonly Item[]>();
  for (const job of jobs) {
    const engine = new TestEngine<Job>(job, { state, clock });
    for (const stream of streamsOf(job)) {
      await engine.deliverOn(
        stream,
        events.flatMap(([to, event]) => (to === stream ? [event] : [])),
      );
    }
    await engine.finish();
    for (const [name, table] of engine.tables) stored.set(name, [...table.items()]);
  }
  const server = await startDynalite();
  const tables = new Map(jobs.flatMap(tablesOf).map((table) => [table.name, table]));
  for (const [name, table] of tables) {
    const items = stored.get(name) ?? [];
    await server.createTable(table, indexesOf(table.name, jobs));
    await dynamoTable(server.client, table).batchPut(items);
  }
  const rows = dynamoRowsReader(server.client, tables);
  const usual: ApiOptions = {
    stage: 'test',
    families: Object.values(INGEST_JOBS),
    environment,
    rows,
    state,
    clock,
    assets: new Map(),
    batchWindow: seconds(10),
  };
  return {
    server,
    stored,
    rows,
    state,
    clock,
    api: (options = {}) => createApi({ ...usual, ...options }),
    stop: () => server.stop(),
  };
}

function indexesOf(name: string, jobs: readonly Job[]): IndexName[] {
  for (const job of jobs) {
    const table = tablesOf(job).find((each) => each.name === name);
    const index = table && indexOf(job, table);
    if (index !== undefined) return [index];
  }
  return [];
}
