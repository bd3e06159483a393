/** What is kept of a function's last failure. */
import { beforeEach, expect, it } from 'vitest';
import { type MemoryTable, memoryTable } from '../../../shared/adapters/memory/table.ts';
import { NewerFormatError } from '../../../shared/errors.ts';
import { days, later, processingTime, seconds } from '../../../shared/model/time.ts';
import { type Failure, putFailure, readFailures } from '../../../shared/state/failures.ts';
import { stateTable } from '../../../shared/state/keys.ts';

const AT = processingTime(1_511_665_200_123);
const failure: Failure = {
  by: 'ingest',
  at: AT,
  error: 'RetryableError',
  message: 'throttled',
  lane: 'page-views/s',
};

let table: MemoryTable;
beforeEach(() => {
  table = memoryTable(stateTable('state'));
});

const put = (change: Partial<Failure> = {}) =>
  putFailure(table, 'visits@1', { ...failure, ...change }, days(14));

it('is stored as one item of the job and the function, in this form', async () => {
  await put();
  await put({ by: 'closeWindows', trigger: 'schedule' });
  const ofIngest = [...table.items()].find(({ sk }) => sk === 'ingest');
  expect(ofIngest).toEqual({
    pk: 'visits@1#failure',
    sk: 'ingest',
    format: 4,
    at: AT,
    error: 'RetryableError',
    message: 'throttled',
    lane: 'page-views/s',
    expiresAt: 1_512_874_801,
  });
  expect(await readFailures(table, 'visits@1')).toEqual([
    { ...failure, by: 'closeWindows', trigger: 'schedule' },
    failure,
  ]);
  expect(await readFailures(table, 'visits@2')).toEqual([]);
});

it('is the later one of two, in whatever order they are noted', async () => {
  await put({ at: later(AT, seconds(1)), message: 'second' });
  await put({ message: 'first' });
  expect(await readFailures(table, 'visits@1')).toMatchObject([{ message: 'second' }]);
  await put({ at: later(AT, seconds(2)), message: 'third' });
  expect(await readFailures(table, 'visits@1')).toMatchObject([{ message: 'third' }]);
});

it('keeps a bounded part of whatever the error says, and no half of a sign', async () => {
  await put({ error: 'E'.repeat(5_000), message: '💥'.repeat(500_000) });
  const [kept] = await readFailures(table, 'visits@1');
  expect(kept?.error).toHaveLength(100);
  expect(kept?.message).toHaveLength(1_000);
  expect(kept?.message.isWellFormed()).toBe(true);
});

it('of newer code is not taken for something else', async () => {
  await table.put({ pk: 'visits@1#failure', sk: 'ingest', format: 99 }, { kind: 'always' });
  await expect(readFailures(table, 'visits@1')).rejects.toThrow(NewerFormatError);
});
