/** Which dead letters a command is about, and how they are summed up. */
import { describe, expect, it } from 'vitest';
import { isLetterMeant, isNarrow, type LetterFilter } from '../../../../cli/letters/filter.ts';
import { summaryOf, summaryTable } from '../../../../cli/letters/summary.ts';
import { orderTimeout } from '../../../../functions/orderTimeout/job.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { arrivalTime, NO_WATERMARK, processingTime } from '../../../../shared/model/time.ts';
import type { DeadLetter } from '../../../../shared/state/deadLetters.ts';

const ORDERS = orderTimeout.build() as unknown as Job;
const NOON = Date.parse('2026-03-02T12:00:00Z');

const letter = (other: Partial<DeadLetter> = {}): DeadLetter => ({
  kind: 'dead',
  state: 'waiting',
  lane: 'orders/left',
  position: '17/0',
  slot: 3,
  place: 0,
  arrival: arrivalTime(NOON),
  expiresAt: processingTime(NOON),
  partitionKey: '7',
  watermark: NO_WATERMARK,
  reason: 'type: must be "create" or "pay" (found "refund")',
  raw: Buffer.from('{}'),
  ...other,
});

describe('a filter', () => {
  it.each<[LetterFilter, boolean]>([
    [{}, true],
    [{ reason: 'FOUND "refund"' }, true],
    [{ reason: 'orderId' }, false],
    [{ key: '7' }, true],
    [{ key: '77' }, false],
    [{ since: NOON }, true],
    [{ since: NOON + 1 }, false],
    [{ until: NOON }, false],
    [{ until: NOON + 1 }, true],
    [{ state: ['accepted', 'waiting'] }, true],
    [{ state: ['accepted'] }, false],
    [{ key: '7', reason: 'nothing like it' }, false],
  ])('%j takes the letter: %s', (filter, isMeant) => {
    expect(isLetterMeant(ORDERS, filter, letter())).toBe(isMeant);
    expect(isNarrow(filter)).toBe(Object.keys(filter).length > 0);
  });
});

it('a key is that of the event itself, where the event has one', () => {
  const packed = letter({ partitionKey: 'of the record', raw: Buffer.from('{"orderId":"7"}') });
  expect(isLetterMeant(ORDERS, { key: '7' }, packed)).toBe(true);
  expect(isLetterMeant(ORDERS, { key: 'of the record' }, packed)).toBe(false);
  const garbage = letter({ partitionKey: 'of the record', raw: Buffer.from('{"orderId') });
  expect(isLetterMeant(ORDERS, { key: 'of the record' }, garbage)).toBe(true);
});

describe('a summary', () => {
  async function* all(letters: readonly DeadLetter[]) {
    yield* letters;
  }

  it('takes for one reason what differs in the found values, and counts states', async () => {
    const found = (value: string) => `type: must be "create" or "pay" (found ${value})`;
    const summaries = await summaryOf(
      all([
        letter({ reason: 'event time 17 is before 1980' }),
        letter({ reason: found('"refund"') }),
        letter({ reason: found('nothing'), arrival: arrivalTime(NOON - 5_000) }),
        letter({ reason: found('{"a":"(found"}'), state: 'discarded' }),
        letter({ reason: 'orderId: must be "create" or "pay" (found "refund")' }),
        letter({ reason: 'event time 9999 is before 1980' }),
      ]),
    );
    expect(summaries).toEqual([
      {
        reason: found('"refund"'),
        letters: 3,
        states: new Map([
          ['waiting', 2],
          ['discarded', 1],
        ]),
        first: NOON - 5_000,
        last: NOON,
      },
      expect.objectContaining({ reason: 'event time 17 is before 1980', letters: 2 }),
      expect.objectContaining({ letters: 1 }),
    ]);
    const [, head] = summaryTable(summaries).split('\n');
    expect(head).toMatch(/reason .* letters .* states .* first arrived .* last arrived/);
    expect(summaryTable(summaries)).toContain('waiting 2, discarded 1');
  });

  it('is bounded, whatever reasons quote', async () => {
    const odd = (n: number) => 'abcdefghij'.charAt(n % 10) + 'x'.repeat(n);
    const letters = Array.from({ length: 1_005 }, (_, n) => letter({ reason: odd(n) }));
    const summaries = await summaryOf(all(letters));
    expect(summaries).toHaveLength(1_001);
    expect(summaries[0]).toMatchObject({ reason: 'other reasons', letters: 5 });
    expect(summaries.reduce((sum, each) => sum + each.letters, 0)).toBe(letters.length);
  });
});
