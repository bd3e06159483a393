/** Late events and dead letters as they are shown. */
import { expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { sideEventsTables } from '../../../cli/output/sideEvents.ts';
import { arrivalTime, NO_WATERMARK } from '../../../shared/model/time.ts';
import type { StoredSideEvent } from '../../../shared/state/lane/sideColumns.ts';

async function* letters(count: number): AsyncGenerator<StoredSideEvent> {
  for (let i = 0; i < count; i += 1) {
    yield {
      kind: 'dead',
      lane: 'logins/s',
      position: `1/${i}`,
      arrival: arrivalTime(0),
      partitionKey: 'k',
      watermark: NO_WATERMARK,
      reason: 'broken',
      raw: Buffer.from('x'),
    };
  }
}

it.each([
  [0, 1],
  [999, 1],
  [1_000, 1],
  [1_001, 2],
])('%i dead letters are shown in %i tables', async (count, tables) => {
  const shown = await collect(sideEventsTables(letters(count)));
  expect(shown).toHaveLength(tables);
  expect(shown.join('\n').split('broken')).toHaveLength(count + 1);
});
