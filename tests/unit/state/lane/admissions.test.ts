/** Each dead letter is let back in once. */
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { WHOLE_RANGE } from '../../../../shared/model/hashRange.ts';
import { NO_WATERMARK, processingTime, watermarkAt } from '../../../../shared/model/time.ts';
import { EXPIRES_AT } from '../../../../shared/ports/table.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import {
  admit,
  readAdmitted,
  readAdmittedPositions,
} from '../../../../shared/state/lane/admissions.ts';

const ORIGIN = { job: 'visits@1', lane: 'page-views/a', position: '17/0' };
const LANE = { job: 'visits@1', stream: 'page-views', shard: 'b' };
const at = (sequence: string, index = 0, lane = LANE) => ({ lane, sequence, index });
const LATER = processingTime(1_000);
const JUDGED = { watermark: watermarkAt(5), range: WHOLE_RANGE };
const OTHERWISE = { watermark: NO_WATERMARK };

it('admits the first copy, also when its batch is tried again, and no other', async () => {
  const table = memoryTable(stateTable('state'));
  expect(await readAdmitted(table, ORIGIN, at('20'))).toBe('nobody');
  expect(await admit(table, ORIGIN, at('20'), JUDGED, LATER)).toEqual(JUDGED);
  expect(await admit(table, ORIGIN, at('20', 1), JUDGED, LATER)).toBe('another');
  const elsewhere = at('20', 0, { ...LANE, shard: 'c' });
  expect(await admit(table, ORIGIN, elsewhere, JUDGED, LATER)).toBe('another');
  expect(await readAdmitted(table, ORIGIN, elsewhere)).toBe('another');
});

it('knows which letters of a lane were let in, and none of another lane', async () => {
  const table = memoryTable(stateTable('state'));
  const origins = ['page-views/a', 'page-views/ab', 'page-views/a-'].map((lane, n) => ({
    ...ORIGIN,
    lane,
    position: `${n}/0`,
  }));
  for (const origin of origins) await admit(table, origin, at('20'), JUDGED, LATER);
  await admit(table, { ...ORIGIN, position: '999/12' }, at('21'), JUDGED, LATER);
  const found = await readAdmittedPositions(table, { ...LANE, shard: 'a' });
  expect([...found]).toEqual(['0/0', '999/12']);
});

it('keeps what the first copy was judged by, whatever a later try has found', async () => {
  const table = memoryTable(stateTable('state'));
  await admit(table, ORIGIN, at('20'), JUDGED, LATER);
  expect(await admit(table, ORIGIN, at('20'), OTHERWISE, LATER)).toEqual(JUDGED);
  expect(await readAdmitted(table, ORIGIN, at('20'))).toEqual(JUDGED);
  const second = { ...ORIGIN, position: '18/0' };
  await admit(table, second, at('20'), OTHERWISE, LATER);
  expect(await admit(table, second, at('20'), JUDGED, LATER)).toEqual(OTHERWISE);
});

it('takes what an earlier version let in for never late', async () => {
  const table = memoryTable(stateTable('state'));
  const by = 'page-views/b#20/0';
  const key = { pk: 'visits@1#redriven', sk: 'page-views/a#17/0' };
  await table.put({ ...key, by, [EXPIRES_AT]: 1 }, { kind: 'always' });
  expect(await readAdmitted(table, ORIGIN, at('20'))).toEqual(OTHERWISE);
});

it('tells origins apart by job, lane and position', async () => {
  const table = memoryTable(stateTable('state'));
  await admit(table, ORIGIN, at('20'), JUDGED, LATER);
  for (const other of [{ job: 'visits@2' }, { lane: 'page-views/b' }, { position: '17/1' }]) {
    const admitted = await admit(table, { ...ORIGIN, ...other }, at('21'), JUDGED, LATER);
    expect(admitted).toEqual(JUDGED);
  }
});
