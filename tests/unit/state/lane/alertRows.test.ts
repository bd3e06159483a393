/** A commit's alerts, as it stores them: they are put from what is read here, so nothing may get lost. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import type { Row } from '../../../../shared/job/tables.ts';
import type { Lane } from '../../../../shared/model/lane.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import type { Alert } from '../../../../shared/operators/keyed/keyedState.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import { encodeAlerts, readAlerts } from '../../../../shared/state/lane/alertRows.ts';
import { BlobGone, packBlob } from '../../../../shared/state/lane/blob.ts';
import { CLOCK_START } from '../../../support/clock.ts';

const LANE: Lane = { job: 'knocks', stream: 'signals', shard: 's' };
const EXPIRES = processingTime(CLOCK_START + 1_000);

/** Puts alerts as a commit does, and reads them. */
async function stored(alerts: readonly Alert[]) {
  const table = memoryTable(stateTable('state'));
  const { reference, chunks } = packBlob(LANE, encodeAlerts(alerts), EXPIRES);
  if (chunks.length > 0) await table.batchPut(chunks);
  return { table, reference, read: () => readAlerts(table, LANE, reference) };
}

const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue(),
);
const row = fc
  .dictionary(fc.constantFrom('key', 'id', 'k', 'text', 'list'), value)
  .map((each) => each as Row);
const alert = fc.record({ table: fc.constantFrom('alarms', 'given-up'), row });

describe('alerts', () => {
  it('are read as they were written, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(alert), async (alerts) => {
        const { read } = await stored(alerts);
        expect(await read()).toEqual(alerts);
      }),
    );
  });

  it('are kept each, also where two have one key', async () => {
    const twice = [
      { table: 'alarms', row: { key: 'a', id: '1', at: 1 } },
      { table: 'alarms', row: { key: 'a', id: '1', at: 2 } },
    ];
    expect(await (await stored(twice)).read()).toEqual(twice);
  });

  it('stand in chunks where they are too large for their commit', async () => {
    const alerts = Array.from({ length: 4_000 }, (_, n) => ({
      table: n % 2 === 0 ? 'alarms' : 'given-up',
      row: { key: `key ${n}`, id: hash('sha256', String(n)) },
    }));
    const { table, reference, read } = await stored(alerts);
    expect(reference).toMatchObject({ chunks: 1 });
    expect(await read()).toEqual(alerts);
    for (const { pk, sk } of [...table.items()]) table.remove({ pk: String(pk), sk: String(sk) });
    await expect(read()).rejects.toThrow(BlobGone);
    await expect(read()).rejects.toThrow('signals/s');
  });

  it('that are damaged are an InvariantViolation', async () => {
    const bytes = encodeAlerts([{ table: 'alarms', row: { key: 'a', id: '1' } }]);
    const table = memoryTable(stateTable('state'));
    const read = (reference: Uint8Array) => readAlerts(table, LANE, reference);
    for (const length of [0, 1, bytes.length - 1]) {
      await expect(read(bytes.subarray(0, length))).rejects.toThrow(InvariantViolation);
    }
  });
});
