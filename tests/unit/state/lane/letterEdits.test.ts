/** Which events may come in the place of dead letters. */
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { JobDefinitionError } from '../../../../shared/errors.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import { editDigest, notedEdits, noteEdits } from '../../../../shared/state/lane/letterEdits.ts';

const LANE = { job: 'visits@1', stream: 'page-views', shard: 'a' };
const commit = (slot: number) => ({ lane: LANE, slot, expiresAt: processingTime(1_000) });
const newTable = () => memoryTable(stateTable('state'));
const digests = (count: number, of = '') =>
  Array.from({ length: count }, (_, n) => editDigest(`${n}/0`, Buffer.from(`{"n":${n}}${of}`)));

it('are found again, of their commit alone, whenever they were noted', async () => {
  const table = newTable();
  const all = digests(300);
  await noteEdits(table, commit(3), all.slice(0, 200));
  await noteEdits(table, commit(3), all.slice(150));
  await noteEdits(table, commit(4), digests(10, 'other'));
  const asked = [...all, ...digests(10, 'other')];
  expect([...(await notedEdits(table, LANE, 3, asked))].sort()).toEqual([...all].sort());
  expect(await notedEdits(table, LANE, 5, asked)).toEqual(new Set());
  expect(await notedEdits(table, LANE, 3, [])).toEqual(new Set());
});

it('may be of all events that a commit can hold, in items that DynamoDB takes', async () => {
  const table = newTable();
  const all = digests(110_000);
  await noteEdits(table, commit(3), all);
  const last = all.slice(-100);
  expect((await notedEdits(table, LANE, 3, last)).size).toBe(100);
  const sizes = [...table.items()].map((item) => JSON.stringify(item).length);
  expect(Math.max(...sizes)).toBeLessThan(400 * 1_024);
});

it('are refused where letters were edited so often that they do not fit', async () => {
  const same = Array.from({ length: 5_001 }, (_, n) => `a${n}`);
  await expect(noteEdits(newTable(), commit(4), same)).rejects.toThrow(
    new JobDefinitionError(
      'page-views/a, commit 4: its dead letters were edited too often; what is noted of them expires with them',
    ),
  );
});

it('outlive their commit, so that a copy which is tried again finds what let it in', async () => {
  const table = newTable();
  await noteEdits(table, commit(3), digests(1));
  expect([...table.items()]).toMatchObject([{ expiresAt: 1 + 14 * 86_400 }]);
});

it('are told apart where letters have like positions', () => {
  const bytes = (text: string) => Buffer.from(text);
  expect(editDigest('1/1', bytes('1'))).not.toBe(editDigest('1/11', bytes('')));
  expect(editDigest('1/1', bytes('{}'))).not.toBe(editDigest('1/2', bytes('{}')));
  expect(editDigest('1/1', bytes('{}'))).toBe(editDigest('1/1', bytes('{}')));
});
