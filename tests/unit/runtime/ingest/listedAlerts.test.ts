/** Alerts that are listed by a time of theirs, from the event to the stored row. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../shared/job/job.ts';
import { LATEST } from '../../../../shared/job/lists.ts';
import { isoTime } from '../../../../shared/model/time.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import type { Item, Value } from '../../../../shared/ports/table.ts';
import { TestEngine } from '../../../support/engine.ts';
import { at, gatedJob, knocksJob, type Signal, signal } from '../../../support/signals.ts';

const listed = (name: string) =>
  ({ name, partitionKey: 'key', sortKey: 'id', listedBy: 'when' }) as const;

/** A job whose one listed table gets a row of each of these keys, with what `content` gives for it. */
type Declare = (content: (key: string) => Item) => Job;

const DECLARED: readonly (readonly [string, string, Declare])[] = [
  [
    'a match',
    'alarms',
    (content) =>
      knocksJob({
        alerts: {
          table: listed('alarms'),
          row: (_found, key) => ({ key, id: 'i', ...content(key) }),
        },
      }),
  ],
  [
    'a time-out',
    'given-up',
    (content) =>
      knocksJob({
        timedOut: {
          table: listed('given-up'),
          row: (_found, key) => ({ key, id: 'i', ...content(key) }),
        },
      }),
  ],
  [
    'a gate',
    'blocked',
    (content) =>
      gatedJob({
        table: listed('blocked'),
        decide: (_state: Value, { key, kind }: Signal) => ({
          verdict: 'pass',
          state: 0,
          alerts: kind === 'last' ? [{ key, id: 'i', ...content(key) }] : [],
        }),
      }),
  ],
];

/** Two knocks of each key are an alarm; one that stays alone is given up. */
async function rowsOf(job: Job, table: string, keys: readonly string[]) {
  const shards = new TestEngine(job);
  const first = table === 'given-up' ? [] : keys.map((key) => signal(key, 'knock', 0));
  const last = keys.map((key) => signal(key, table === 'blocked' ? 'last' : 'knock', 1));
  const others = table === 'blocked' ? [] : [signal('other', 'none', 900)];
  await shards.put('s', [...first, ...last, ...others]);
  await shards.cold.fire('endOfInput');
  const stored = [...(shards.tables.get(table)?.items() ?? [])];
  return { shards, stored, side: await shards.side('s') };
}

describe.each(DECLARED)('a row of %s', (_, table, declare) => {
  it('is stored with its time and its part, which follow from the row', async () => {
    const when = isoTime(at(1));
    const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
    const { stored } = await rowsOf(
      declare(() => ({ when })),
      table,
      keys,
    );
    expect(stored).toHaveLength(60);
    expect(new Set(stored.map((row) => row['listed']))).toEqual(new Set(LATEST));
    for (const row of stored) expect(row).toMatchObject({ when, listedAt: when });
    const again = await rowsOf(
      declare(() => ({ when })),
      table,
      keys.toReversed(),
    );
    const inOrder = (rows: readonly Item[]) => rows.map((row) => JSON.stringify(row)).toSorted();
    expect(inOrder(again.stored)).toEqual(inOrder(stored));
  });

  it.each<[string, Item]>([
    ['without its time', {}],
    ['with a time that is none', { when: 'yesterday' }],
    ['with a day that is none', { when: '2017-02-30T00:00:00.000Z' }],
    ['with a time that stands in another order', { when: '2017-11-26T00:00:00Z' }],
    ['with a year of five digits', { when: '+012017-11-26T00:00:00.000Z' }],
    ['with a number for its time', { when: 1_511_658_000_000 }],
    ['with a part of its own', { when: '2017-11-26T00:00:00.000Z', listed: 1 }],
    ['with a listed time of its own', { when: '2017-11-26T00:00:00.000Z', listedAt: 'x' }],
  ])('is refused %s, and the shard goes on', async (_case, bad) => {
    const good = { when: '2017-11-26T00:00:00.000Z' };
    const job = declare((key) => (key === 'bad' ? bad : good));
    const { stored, side } = await rowsOf(job, table, ['a', 'bad', 'b']);
    expect(stored.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(side.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(new RegExp(`a row of ${table} (needs a time in when|has listed)`)),
    ]);
  });

  it('may be as large as others with all that is stored of it', async () => {
    const when = '2017-11-26T00:00:00.000Z';
    const whole = { key: 'a', id: 'i', when, fill: '', listed: '0', listedAt: when };
    const most = 64 * 1024 - itemBytes(whole);
    for (const [more, rows] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const job = declare(() => ({ when, fill: 'x'.repeat(most + more) }));
      expect((await rowsOf(job, table, ['a'])).stored).toHaveLength(rows);
    }
  });
});
