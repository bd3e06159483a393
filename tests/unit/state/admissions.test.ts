/** Each dead letter is let back in once. */
import { expect, it } from 'vitest';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { NO_WATERMARK, processingTime } from '../../../shared/model/time.ts';
import { admit, isAdmitted } from '../../../shared/state/admissions.ts';
import { stateTable } from '../../../shared/state/keys.ts';

const ORIGIN = { job: 'visits@1', lane: 'page-views/a', position: '17/0', watermark: NO_WATERMARK };
const LANE = { job: 'visits@1', stream: 'page-views', shard: 'b' };
const at = (sequence: string, index = 0) => ({ sequence, index });
const LATER = processingTime(1_000);

it('admits the first copy, also when its batch is tried again, and no other', async () => {
  const table = memoryTable(stateTable('state'));
  expect(await isAdmitted(table, ORIGIN)).toBe(false);
  expect(await admit(table, ORIGIN, LANE, at('20'), LATER)).toBe('admitted');
  expect(await admit(table, ORIGIN, LANE, at('20', 1), LATER)).toBe('taken');
  expect(await admit(table, ORIGIN, { ...LANE, shard: 'c' }, at('20'), LATER)).toBe('taken');
  expect(await admit(table, ORIGIN, LANE, at('20'), LATER)).toBe('admitted');
  expect(await isAdmitted(table, ORIGIN)).toBe(true);
});

it('tells origins apart by job, lane and position', async () => {
  const table = memoryTable(stateTable('state'));
  await admit(table, ORIGIN, LANE, at('20'), LATER);
  for (const other of [{ job: 'visits@2' }, { lane: 'page-views/b' }, { position: '17/1' }]) {
    expect(await admit(table, { ...ORIGIN, ...other }, LANE, at('21'), LATER)).toBe('admitted');
  }
});
