/** Stamps order everything that writes one key; timer sheets are named by what they hold. */
import { describe, expect, it } from 'vitest';
import { collect } from '../../../../cli/collect.ts';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { days, minutes } from '../../../../shared/index.ts';
import {
  arrivalTime,
  type EventTime,
  eventTime,
  minuteOf,
  processingTime,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import { ITEM_BYTES_MAX, itemBytes } from '../../../../shared/ports/itemSize.ts';
import {
  type KeyedWrite,
  putKeyedStates,
  readStatesWithin,
  stampOf,
} from '../../../../shared/state/keyed/keyedStates.ts';
import { packSheets, readSheets, type Timer } from '../../../../shared/state/keyed/timerSheets.ts';
import { stateTable } from '../../../../shared/state/keys.ts';

const JOB = 'gated@1';
const ARRIVAL = arrivalTime(1_511_665_200_000);
const newTable = () => memoryTable(stateTable('state'));
const write = (generation: number, slot: number): KeyedWrite => ({
  job: JOB,
  stamp: stampOf(generation, slot),
  stateRetention: days(1),
  streamRetention: days(7),
  keptUntil: processingTime(0),
});
const stateOf = (state: number) => new Map([['k', { state, arrival: ARRIVAL }]]);

const readStates = async (...asked: Parameters<typeof readStatesWithin>) =>
  (await readStatesWithin(...asked)).states;

async function after(writes: readonly (readonly [generation: number, slot: number])[]) {
  const table = newTable();
  for (const [n, [generation, slot]] of writes.entries()) {
    await putKeyedStates(table, stateOf(n), write(generation, slot));
  }
  return (await readStates(table, JOB, ['k'])).get('k')?.state;
}

describe('a keyed state', () => {
  it.each([
    [
      'a newer slot',
      [
        [0, 1],
        [0, 2],
      ],
      1,
    ],
    [
      'an older slot',
      [
        [0, 2],
        [0, 1],
      ],
      0,
    ],
    [
      'the same slot',
      [
        [0, 2],
        [0, 2],
      ],
      1,
    ],
    [
      'a child over its parent, whatever the slots',
      [
        [0, 999_999_999],
        [1, 0],
      ],
      1,
    ],
    [
      'a parent that comes late',
      [
        [1, 0],
        [0, 999_999_999],
      ],
      0,
    ],
  ] as const)('after %s', async (_, writes, left) => {
    expect(await after(writes)).toBe(left);
  });

  it('has an exact stamp as far as stamps go, and says when there is none', () => {
    expect(Number.isSafeInteger(stampOf(8_999_999, 999_999_999))).toBe(true);
    expect(() => stampOf(0, 1_000_000_000)).toThrow('has no stamp');
    expect(() => stampOf(9_000_000, 0)).toThrow('has no stamp');
  });

  it('is kept under keys of any length and any text, each its own', async () => {
    const table = newTable();
    const keys = [
      '',
      'k',
      '#',
      '__proto__',
      'x'.repeat(1_024),
      'x'.repeat(1_025),
      'x'.repeat(9_000),
    ];
    const states = new Map(keys.map((key, n) => [key, { state: n, arrival: ARRIVAL }]));
    await putKeyedStates(table, states, write(0, 0));
    expect(await readStates(table, JOB, [...keys, 'none'])).toEqual(states);
    expect((await readStates(table, 'gated@2', keys)).size).toBe(0);
  });

  it('that holds nothing any more is known by its arrival alone, and may hold any JSON', async () => {
    const table = newTable();
    await putKeyedStates(table, stateOf(1), write(0, 0));
    await putKeyedStates(table, new Map([['k', { arrival: ARRIVAL }]]), write(0, 1));
    expect((await readStates(table, JOB, ['k'])).get('k')).toEqual({ arrival: ARRIVAL });
    const odd = { '': '\ud83d', deep: [1e300, null] };
    await putKeyedStates(table, new Map([['k', { state: odd, arrival: ARRIVAL }]]), write(0, 2));
    expect((await readStates(table, JOB, ['k'])).get('k')?.state).toEqual(odd);
  });

  it('expires after every record that may still find it has left its stream', async () => {
    const table = newTable();
    await putKeyedStates(table, stateOf(1), write(0, 0));
    const [item] = [...table.items()];
    expect(Number(item?.['expiresAt']) * 1_000).toBeGreaterThan(ARRIVAL + days(8));
  });
});

describe('timer sheets', () => {
  const LANE = { job: 'tasks@1', stream: 'orders', shard: 's' };
  const timer = (key: string, at: number): Timer => ({ key, at: eventTime(at) as EventTime });
  const read = async (timers: readonly Timer[], upTo: number | 'end' = 'end') => {
    const table = newTable();
    await table.batchPut(packSheets(LANE, timers));
    const watermark = upTo === 'end' ? 'end' : watermarkAt(upTo);
    return collect(readSheets(table, LANE, watermark));
  };

  it('hold the timers of one minute each, first and last millisecond included', async () => {
    const times = [0, 59_999, 60_000, 119_999, 120_000];
    const sheets = await read(times.map((at) => timer('k', at)));
    expect(sheets.map(({ timers }) => timers.map(({ at }) => at))).toEqual([
      [0, 59_999],
      [60_000, 119_999],
      [120_000],
    ]);
  });

  it.each([
    [59_999, 1],
    [60_000, 2],
    [60_001, 2],
    ['end', 3],
  ] as const)('are read up to the minute of %s: %i', async (upTo, count) => {
    const timers = [timer('k', 1), timer('k', 60_000), timer('k', 8.64e15)];
    expect(await read(timers, upTo)).toHaveLength(count);
  });

  it('have the order of their minutes, however far these are apart', async () => {
    const times = [8.64e15, 1_511_665_200_000, 0, 99_999_999_999];
    const sheets = await read(times.map((at) => timer('k', at)));
    expect(sheets.map(({ timers }) => timers[0]?.at)).toEqual(times.toSorted((a, b) => a - b));
    expect(minuteOf(eventTime(59_999))).toBe(0);
  });

  it('are named by their content, whatever the order, so that a retry notes them again', () => {
    const timers = [timer('b', 5), timer('a', 9), timer('a', 5)];
    expect(packSheets(LANE, timers)).toEqual(packSheets(LANE, timers.toReversed()));
    expect(packSheets(LANE, timers)).not.toEqual(packSheets(LANE, timers.slice(1)));
    expect(packSheets(LANE, [])).toEqual([]);
  });

  it('hold at most 400 timers, and fit an item with the longest and oddest of keys', () => {
    const random = (n: number) => ((n * 2_654_435_761) % 2 ** 32) / 2 ** 32;
    const kinds = [
      (n: number) => String.fromCodePoint(0x20 + Math.floor(random(n) * 95)),
      (n: number) => String.fromCodePoint(Math.floor(random(n) * 32)),
      (n: number) => String.fromCodePoint(0x10_000 + Math.floor(random(n) * 0xf_ffff)),
    ];
    for (const letter of kinds) {
      const bytes = Buffer.byteLength(letter(1));
      const keys = Array.from({ length: 401 }, (_, k) =>
        Array.from({ length: 1_024 / bytes }, (_, n) => letter(k * 1_024 + n + 1)).join(''),
      );
      const sheets = packSheets(
        LANE,
        keys.map((key) => timer(key, minutes(1))),
      );
      expect(sheets).toHaveLength(2);
      for (const sheet of sheets) expect(itemBytes(sheet)).toBeLessThan(ITEM_BYTES_MAX);
    }
  });
});
