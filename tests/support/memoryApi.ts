/** The API over rows in memory, which a test puts there as it likes, and may change between two requests. */
import { type ApiOptions, createApi } from '../../functions/api/app.ts';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import type { JobFamily } from '../../shared/job/job.ts';
import { tablesOf } from '../../shared/job/job.ts';
import { buildWith } from '../../shared/lambda/environment.ts';
import { seconds } from '../../shared/model/time.ts';
import type { Item } from '../../shared/ports/table.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { testClock } from './clock.ts';
import { memoryRowsReader } from './memoryRows.ts';

export interface MemoryApi {
  readonly tables: ReadonlyMap<string, MemoryTable>;
  readonly options: ApiOptions;
  put(table: string, rows: readonly Item[]): Promise<void>;
  /** The answer's text, with nothing remembered. Throws where it is none. */
  text(path: string, options?: Partial<ApiOptions>): Promise<string>;
  json<Answer>(path: string, options?: Partial<ApiOptions>): Promise<Answer>;
}

export interface MemoryApiOptions {
  readonly families?: readonly JobFamily[];
  readonly environment?: ApiOptions['environment'];
  readonly pageRowsMax?: number;
}

export function memoryApi({
  families = Object.values(INGEST_JOBS),
  environment = {},
  pageRowsMax,
}: MemoryApiOptions = {}): MemoryApi {
  const described = families.flatMap((family) => tablesOf(buildWith(environment, family)));
  const tables = new Map(described.map((table) => [table.name, memoryTable(table)]));
  const options: ApiOptions = {
    stage: 'test',
    families,
    environment,
    rows: memoryRowsReader(tables, pageRowsMax),
    state: memoryTable(stateTable('state')),
    clock: testClock(),
    assets: new Map(),
    batchWindow: seconds(10),
  };
  const text: MemoryApi['text'] = async (path, others = {}) => {
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    const response = await createApi({ onFailure, ...options, ...others }).request(path);
    if (response.status === 200) return response.text();
    throw new Error(`${path}: ${response.status} ${await response.text()}`, { cause: failures[0] });
  };
  return {
    tables,
    options,
    put: async (table, rows) => tables.get(table)?.batchPut(rows),
    text,
    json: async (path, others) => JSON.parse(await text(path, others)),
  };
}
