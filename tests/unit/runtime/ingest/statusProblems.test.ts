/** Rows of problems only: which keys have one, which events are late, and how long a key is known. */
import { describe, expect, it } from 'vitest';
import { days, hours, milliseconds, minutes } from '../../../../shared/index.ts';
import { arrivalTime, type Duration } from '../../../../shared/model/time.ts';
import { TestEngine } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import {
  at,
  done,
  open,
  problemsJob,
  type Signal,
  T0,
  type TaskTail,
} from '../../../support/signals.ts';

/** So many milliseconds after `T0`. */
const atMs = (event: Signal, ms: number): Signal => ({ ...event, time: T0 + ms });

/** Whose problems wait for nothing. */
const timeless: Partial<TaskTail> = {
  timers: () => [],
  view: ({ open: opened, done: closed }) =>
    opened === undefined || closed !== undefined
      ? { status: 'done', row: {} }
      : { status: 'overdue', at: at(60), row: {} },
};

interface Arriving {
  readonly event: Signal;
  /** After the clock starts (ms). */
  readonly after: number;
}

/** What is put of each key, in order, and the lane's commits. */
async function historyOf(all: readonly Arriving[], size: number, overrides: Partial<TaskTail>) {
  const told: string[] = [];
  const shards = new TestEngine(problemsJob(overrides), {
    onResults: {
      after({ operation, items: [row] }) {
        if (operation !== 'put') return;
        const { task, status, problemAt } = row ?? {};
        told.push(`${task} ${status} ${problemAt}`);
      },
    },
  });
  const start = shards.clock.now();
  const records = streamRecords(all.map(({ event }) => event)).map((record, n) => ({
    ...record,
    arrival: arrivalTime(start + (all[n]?.after ?? 0)),
    partitionKey: all[n]?.event.key ?? '',
  }));
  for (let from = 0; from < records.length; from += size) {
    await shards.ingest(records.slice(from, from + size), { shard: 's' });
  }
  const commits = await shards.commits('s');
  return {
    told: told.sort(),
    commits,
    rows: [...shards.results.items()],
    totals: commits.at(-1)?.totals,
  };
}

describe('a key', () => {
  it('has no row while it is fine, and one from its first problem on', async () => {
    const shards = new TestEngine(problemsJob());
    await shards.put('s', [open('a', 0), done('b', 1), open('c', 20)]);
    expect(shards.rows('tasks')).toEqual([]);
    await shards.put('s', [done('c', 59)]);
    expect(shards.rows('tasks')).toEqual([]);
    await shards.put('s', [done('d', 60)]);
    expect([...shards.results.items()]).toMatchObject([
      {
        task: 'a',
        status: 'overdue',
        problem: expect.stringMatching(/^overdue#/),
        problemAt: expect.any(String),
      },
    ]);
  });

  it('that was a problem is told of when it is none any more, and is not listed then', async () => {
    const shards = new TestEngine(problemsJob());
    await shards.put('s', [open('a', 0), open('b', 60)]);
    await shards.put('s', [done('a', 61)]);
    const rows = [...shards.results.items()];
    expect(rows).toMatchObject([{ task: 'a', status: 'done' }]);
    for (const name of ['problem', 'problemAt']) expect(rows[0]).not.toHaveProperty(name);
  });
});

describe('an event', () => {
  const late = [
    [90_000, 'on the bound', { accepted: 2, late: 0 }, ['overdue']],
    [90_001, 'after it', { accepted: 2, late: 0 }, ['overdue']],
    [89_999, 'a millisecond behind it', { accepted: 1, late: 1 }, []],
  ] as const;

  it.each(late)(
    'that finds no key, at %i ms (%s), is late only behind the bound',
    async (ms, _, counts, statuses) => {
      const shards = new TestEngine(problemsJob());
      await shards.put('s', [done('b', 100), atMs(open('a', 0), ms)]);
      expect((await shards.head('s'))?.totals).toMatchObject({ ...counts, dead: 0, filtered: 0 });
      const side = (await shards.side('s')).map(({ kind, eventTime }) => [kind, eventTime]);
      expect(side).toEqual(counts.late > 0 ? [['late', T0 + ms]] : []);
      await shards.put('s', [done('b', 1_000)]);
      await shards.cold.fire('endOfInput');
      expect(shards.rows('tasks').map(({ status }) => status)).toEqual(statuses);
    },
  );

  it('that is late is merged, and shown once one on time gives its key a row', async () => {
    for (const size of [1, 100]) {
      const shards = new TestEngine(problemsJob());
      const contents = [done('b', 100), open('a', 50), open('a', 40), open('a', 95)];
      for (let from = 0; from < contents.length; from += size) {
        await shards.deliver('s', contents.slice(from, from + size), from);
        shards.coldStart();
      }
      expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 2, late: 2 });
      // It is overdue by what the late ones say.
      await shards.deliver('s', [done('b', 100.5)], contents.length);
      const [row] = [...shards.results.items()];
      expect(row).toMatchObject({ task: 'a', status: 'overdue' });
      expect(row).toHaveProperty('engine.state', { open: at(40) });
      expect(row).toHaveProperty('problemAt', new Date(at(100)).toISOString());
    }
  });

  it('that is as late is accepted where it meets one of its key that was on time', async () => {
    const shards = new TestEngine(problemsJob());
    await shards.put('s', [done('b', 100), open('a', 95)]);
    shards.coldStart();
    await shards.put('s', [open('a', 40), done('b', 101)]);
    expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 4, late: 0 });
    expect(shards.rows('tasks')).toMatchObject([{ task: 'a', status: 'overdue' }]);
  });
});

describe('a key that waits for nothing and is no problem', () => {
  it.each([
    [29_999, 'is known', []],
    [30_000, 'is known', []],
    [30_001, 'begins anew', ['overdue']],
  ] as const)('%i ms of the watermark after its last event %s', async (ms, _, statuses) => {
    for (const size of [1, 2, 100]) {
      const shards = new TestEngine(problemsJob());
      const contents = [
        done('a', 0),
        atMs(done('b', 0), ms),
        atMs(open('a', 0), ms),
        done('b', 1_000),
      ];
      for (let from = 0; from < contents.length; from += size) {
        await shards.deliver('s', contents.slice(from, from + size), from);
        shards.coldStart();
      }
      expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 4, late: 0 });
      expect(shards.rows('tasks').map(({ status }) => status)).toEqual(statuses);
    }
  });

  it.each([
    [90_000, []],
    [90_001, ['overdue']],
  ])(
    'is known for up to a minute more where retentions are long: after %i ms',
    async (ms, statuses) => {
      const shards = new TestEngine(problemsJob({ stateRetention: days(1) }));
      const contents = [done('a', 1), atMs(done('b', 1), ms), atMs(open('a', 1), ms + 1_000)];
      await shards.put('s', [...contents, done('b', 1_000)]);
      expect(shards.rows('tasks').map(({ status }) => status)).toEqual(statuses);
    },
  );

  it('is known from the watermark that its own last event moved', async () => {
    const shards = new TestEngine(problemsJob({}));
    await shards.put('s', [done('b', 0), done('a', 20), done('b', 50), open('a', 50)]);
    await shards.put('s', [done('b', 1_000)]);
    expect(shards.rows('tasks')).toEqual([]);
  });
});

describe('a problem', () => {
  const jobs = [
    ['with a timer', {}],
    ['without one', timeless],
  ] as const;
  const ages: readonly (readonly [Duration, string])[] = [
    [hours(1), 'done'],
    // The arrival clock is noted in seconds.
    [milliseconds(hours(1) + 999), 'done'],
    [milliseconds(hours(1) + 1_000), 'overdue'],
  ];

  it.each(jobs.flatMap(([name, tail]) => ages.map((age) => [name, ...age, tail] as const)))(
    '%s is known for `stateRetention` as records arrive: after %i ms its row says %s',
    async (_, age, status, tail) => {
      const shards = new TestEngine(problemsJob({ ...tail, stateRetention: hours(1) }));
      await shards.put('s', [open('a', 0), done('b', 1_000)]);
      expect(shards.rows('tasks')).toMatchObject([{ task: 'a', status: 'overdue' }]);
      shards.clock.advance(age);
      await shards.put('s', [done('a', 1_000)]);
      expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 3, late: 0 });
      expect(shards.rows('tasks')).toMatchObject([{ task: 'a', status }]);
    },
  );
});

describe('a key that begins anew before the timers of its old life have fired', () => {
  const RETENTION = minutes(2);
  const overrides = { stateRetention: RETENTION };
  const second = RETENTION + 1;
  const third = 2 * second;
  const lives: readonly Arriving[] = [
    { event: open('a', 0), after: 0 },
    { event: open('b', 1), after: 0 },
    { event: open('a', 20), after: second },
    { event: done('a', 21), after: second },
    { event: open('a', 22), after: third },
    { event: done('c', 300), after: third },
  ];
  const iso = (second: number) => new Date(at(second)).toISOString();

  it.each([1, 2, 3, 100])(
    'has the row of that put first, and counts anew: batches of %i',
    async (size) => {
      const { told, commits, totals } = await historyOf(lives, size, overrides);
      expect(told).toEqual([
        `a overdue ${iso(60)}`,
        `a overdue ${iso(82)}`,
        `b overdue ${iso(61)}`,
      ]);
      expect(totals).toEqual({ accepted: 6, filtered: 0, late: 0, dead: 0 });
      const quiet = commits.filter(({ quiet: isQuiet }) => isQuiet);
      expect(quiet).toHaveLength(1);
      // Before the first event of the next life.
      expect(quiet[0]?.to).toEqual(commits[(quiet[0]?.slot ?? 0) - 1]?.to);
    },
  );

  it.each([1, 2])('is told also where one commit would have both: batches of %i', async (size) => {
    const both = [
      { event: open('a', 0), after: 0 },
      { event: done('a', 1), after: second },
    ];
    const { told } = await historyOf(both, size, { ...overrides, ...timeless });
    expect(told).toEqual([`a overdue ${iso(60)}`]);
  });

  it.each([1, 100])(
    'does so by an arrival clock that never goes back: batches of %i',
    async (size) => {
      const all = [
        { event: open('a', 0), after: 0 },
        { event: done('b', 1), after: second },
        { event: done('a', 2), after: 0 },
      ];
      const { rows } = await historyOf(all, size, { ...overrides, rows: { of: 'all' } });
      const row = rows.find(({ task }) => task === 'a');
      expect(row).toHaveProperty('engine.state', { done: at(2) });
    },
  );

  it('is not told of where its events were all late', async () => {
    const alone: readonly Arriving[] = [
      { event: done('b', 50), after: 0 },
      { event: open('a', 0), after: 0 },
      { event: done('a', 50), after: second },
      { event: done('c', 300), after: second },
    ];
    for (const size of [1, 100]) {
      const { told, commits, totals } = await historyOf(alone, size, overrides);
      expect(told).toEqual([]);
      expect(commits.filter(({ quiet: isQuiet }) => isQuiet)).toEqual([]);
      expect(totals).toMatchObject({ accepted: 3, late: 1 });
    }
  });

  it('has the row of the new one alone where all keys have rows', async () => {
    for (const size of [1, 100]) {
      const { rows, commits } = await historyOf(lives, size, { ...overrides, rows: { of: 'all' } });
      expect(rows).toMatchObject([
        { task: 'a', status: 'overdue', problemAt: iso(82) },
        { task: 'b', status: 'overdue', problemAt: iso(61) },
        { task: 'c', status: 'done' },
      ]);
      expect(commits.filter(({ quiet: isQuiet }) => isQuiet)).toEqual([]);
    }
  });
});
