/** The rows that Apache Flink gave, through the local stack: real servers, real handlers, packed records. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { readInput } from '../../inputs/readInput.ts';
import { tablesOf } from '../../shared/job/job.ts';
import type { Item } from '../../shared/ports/table.ts';
import { comparableRows, FLINK_JOBS, flinkInputs, flinkRows } from '../support/flinkRows.ts';

/** Two jobs of one stream have inputs of their own, so they take turns. */
const TURNS = [
  ['hot-items', 'hot-pages', 'app-promotion', 'ad-blacklist', 'login-fail', 'order-timeout'],
  ['pvuv', 'order-reconcile'],
];

it('leaves no job out', () => {
  expect(TURNS.flat().sort()).toEqual(FLINK_JOBS.map(({ name }) => name).sort());
});

describe.each(TURNS)("a stack's jobs give Flink's rows: %s, …", (...jobs: string[]) => {
  let stack: Stack;
  beforeAll(async () => {
    // Flink ran with one subtask: lateness is decided lane by lane.
    stack = await startStack({ shards: 1 });
    const inputs = jobs.flatMap((job) =>
      Object.entries(flinkInputs(job)).map(([stream, file]) => ({
        name: stream,
        stream,
        events: () => readInput(stream, file, { timeUnit: 's' }),
      })),
    );
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
    await stack.flush();
  }, 240_000);
  afterAll(() => stack.stop());

  it.each(jobs)('%s', async (name) => {
    const job = FLINK_JOBS.find((family) => family.name === name)?.build();
    if (!job) throw new Error(`there is no job ${name}`);
    const tables = new Map<string, readonly Item[]>();
    for (const table of tablesOf(job)) tables.set(table.name, await stack.rows(table.name));
    expect(comparableRows(tables)).toEqual(flinkRows(name));
  });
});
