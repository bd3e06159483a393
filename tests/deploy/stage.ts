/** What a stage has computed so far, beside what an in-process run computes. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import { isResult } from '../../shared/job/tables.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import { addCounts, type Counts, NO_COUNTS, totalOf } from '../../shared/model/counts.ts';
import type { JobId } from '../../shared/model/lane.ts';
import type { Item } from '../../shared/ports/table.ts';
import { readLaneStatuses } from '../../shared/state/inspect.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { comparable } from '../integration/rows.ts';
import { STAGE } from './deployment.ts';
import { eventually, type Progress } from './eventually.ts';
import type { Expected } from './inputs.ts';

const COUNTED_MS_MAX = 60_000;
/** A schedule's minute, the time that makes a silent stream count as ended, and the work. */
const SCHEDULED_MS_MAX = 150_000;
const FLUSHED_MS_MAX = 60_000;

export interface Stage {
  counts(job: JobId): Promise<Counts>;
  /** Waits until each job has counted as many events as it was given. */
  counted(expected: readonly Expected[]): Promise<void>;
  /** Waits until the schedules have closed what the end of the input leaves open. */
  scheduled(expected: readonly Expected[]): Promise<void>;
  /** The same without waiting for silence and the minute: tells the scheduled functions that the input has ended. */
  flushed(expected: readonly Expected[]): Promise<void>;
  /** All of a table, with what the engine keeps on them. */
  rows(table: string): Promise<Item[]>;
  /** How the tables differ from an in-process run; nothing for equal ones. */
  differences(expected: readonly Expected[]): Promise<string[]>;
}

export function stageOf(dynamo: DynamoDBClient, lambda: LambdaClient): Stage {
  const state = dynamoTable(dynamo, stateTable(physicalName(STAGE, 'state')));

  const counts = async (job: JobId): Promise<Counts> => {
    const lanes = await readLaneStatuses(job, state);
    return lanes.reduce((sum, lane) => addCounts(sum, lane.counts), NO_COUNTS);
  };

  /** Throws where a job has counted more than it was given. */
  const uncounted = async (expected: readonly Expected[]): Promise<string[]> => {
    const waiting: string[] = [];
    for (const { job, counts: wanted } of expected) {
      const [counted, total] = [totalOf(await counts(job.id)), totalOf(wanted)];
      const text = `${job.id} counts ${counted} of ${total} events`;
      if (counted > total) throw new Error(text);
      if (counted < total) waiting.push(text);
    }
    return waiting;
  };

  const differences = async (expected: readonly Expected[]): Promise<string[]> => {
    const tables = expected.flatMap(({ rows, mayBe }) =>
      [...rows].map((each) => [...each, mayBe] as const),
    );
    const found = await Promise.all(tables.map(([name]) => allRows(dynamo, name)));
    return tables.flatMap(([name, rows, mayBe], i) => {
      const all = comparable(found[i] ?? []);
      const wanted = new Set(rows);
      return difference(
        name,
        rows,
        all.filter((row) => wanted.has(row) || !mayBe.has(row)),
      );
    });
  };
  const isEqual = async (expected: readonly Expected[]): Promise<Progress> => {
    const different = await differences(expected);
    return different.length === 0 ? { done: true } : { missing: different.join('\n') };
  };

  const flush = (functionName: string) =>
    lambda.send(
      new InvokeCommand({
        FunctionName: physicalName(STAGE, functionName),
        Payload: Buffer.from(JSON.stringify({ source: 'tidemark.flush' })),
      }),
    );

  return {
    counts,
    rows: (table) => allRows(dynamo, table),
    differences,
    counted: (expected) =>
      eventually('every event to be counted', COUNTED_MS_MAX, async () => {
        const waiting = await uncounted(expected);
        return waiting.length === 0 ? { done: true } : { missing: waiting.join(', ') };
      }),
    scheduled: (expected) =>
      eventually('the schedules to finish the tables', SCHEDULED_MS_MAX, () => isEqual(expected)),
    flushed: (expected) =>
      eventually('a flush to finish the tables', FLUSHED_MS_MAX, async () => {
        await Promise.all([flush('closeWindows'), flush('fireTimers')]);
        return isEqual(expected);
      }),
  };
}

async function allRows(dynamo: DynamoDBClient, table: string): Promise<Item[]> {
  const rows: Item[] = [];
  const pages = paginateScan({ client: dynamo }, { TableName: physicalName(STAGE, table) });
  for await (const { Items = [] } of pages) {
    rows.push(...Items.map((item) => unmarshall(item)).filter(isResult));
  }
  return rows;
}

/** How the rows of a table differ, in a line; nothing for equal ones. */
export function difference(
  table: string,
  expected: readonly string[],
  found: readonly string[],
): string[] {
  const [wanted, had] = [new Set(expected), new Set(found)];
  const missing = expected.filter((row) => !had.has(row));
  const others = found.filter((row) => !wanted.has(row));
  if (missing.length === 0 && others.length === 0 && expected.length === found.length) return [];
  return [
    `${table}: ${missing.length} of ${expected.length} rows are missing, such as ${missing[0]}; ` +
      `${others.length} others are there, such as ${others[0]}`,
  ];
}
