/** Ingest over the memory table: what a batch commits, and what a second delivery does not. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  InvariantViolation,
  JobDefinitionError,
  RetryableError,
  UnknownOutcomeError,
} from '../../../shared/errors.ts';
import { days, minutes, tumbling } from '../../../shared/index.ts';
import { NO_WATERMARK } from '../../../shared/model/time.ts';
import { decodeContents } from '../../../shared/operators/sliceContent.ts';
import { encodeRedriven } from '../../../shared/records/redrive.ts';
import { itemBytes } from '../../../shared/state/itemSize.ts';
import { admissionPartition, logPartition } from '../../../shared/state/keys.ts';
import { SHARD, TestEngine } from '../../support/engine.ts';
import type { Call } from '../../support/interceptedTable.ts';
import { T0, untyped, visit, visitsJob } from '../../support/jobs.ts';
import {
  bytesOf,
  type RecordContent,
  sequenceNumber,
  streamRecords,
} from '../../support/records.ts';

const JOB = untyped(visitsJob());
const NOTHING = { accepted: 0, filtered: 0, late: 0, dead: 0 };

/** The answers of all commits: a flush closes what is there. */
async function answersOf(engine: TestEngine) {
  await engine.closer.run('endOfInput');
  return engine.answers().map(({ windowEnd, pages }) => [windowEnd, pages]);
}

describe('a batch', () => {
  it('becomes one commit with its positions, clock, totals and contents', async () => {
    const engine = new TestEngine(JOB);
    const report = await engine.ingest(
      streamRecords([visit('a', 1), [visit('b', 61), visit('a', 62)], 'broken']),
    );
    expect(report).toMatchObject({
      commits: 1,
      counts: { accepted: 3, filtered: 0, late: 0, dead: 1 },
      watermark: T0 + 62_000,
    });
    expect(report.firstUnprocessed).toBeUndefined();
    const [commit] = await engine.commits();
    expect(commit).toMatchObject({
      slot: 0,
      from: { sequence: sequenceNumber(0), index: 0 },
      to: { sequence: sequenceNumber(2), index: 0 },
      greatest: T0 + 62_000,
      totals: { accepted: 3, filtered: 0, late: 0, dead: 1 },
      lastValidAt: engine.clock.now(),
    });
    expect(decodeContents(commit?.deltas ?? new Uint8Array())).toMatchObject([
      { slice: T0, events: 1 },
      { slice: T0 + 60_000, events: 2 },
    ]);
    expect(report.commitBytes).toBe(commit?.deltas?.length);
  });

  it('of nothing commits nothing', async () => {
    const engine = new TestEngine(JOB);
    expect(await engine.ingest([])).toMatchObject({ commits: 0, counts: NOTHING });
    expect(await engine.commits()).toEqual([]);
  });

  it('of dead letters alone commits them without touching clock or silence', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords(['broken']));
    expect(await engine.commits()).toMatchObject([
      { watermark: NO_WATERMARK, lastValidAt: undefined, totals: { dead: 1 } },
    ]);
  });

  it('asks for closing when its watermark passes the end of a window, and only then', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords([visit('a', 0)]));
    engine.nudges.length = 0;
    await engine.ingest(streamRecords([visit('a', 59)], { first: 1 }));
    expect(engine.nudges).toEqual([]);
    await engine.ingest(streamRecords([visit('a', 60)], { first: 2 }));
    expect(engine.nudges).toEqual(['visits@1']);
  });
});

describe('a redelivered batch', () => {
  const all: RecordContent[] = [
    visit('a', 1),
    [visit('b', 2), visit('b', 61)],
    'broken',
    visit('c', 62),
    visit('late', 3),
    visit('a', 130),
  ];
  const once = async (...cuts: [from: number, to: number][]) => {
    const engine = new TestEngine(JOB);
    const records = streamRecords(all);
    for (const [from, to] of cuts) {
      await engine.ingest(records.slice(from, to));
      engine.coldStart();
    }
    const commits = await engine.commits();
    return {
      totals: commits.at(-1)?.totals,
      side: await engine.side(),
      answers: await answersOf(engine),
    };
  };

  it.each([
    [
      'whole, twice',
      [
        [0, 6],
        [0, 6],
      ],
    ],
    [
      'in two halves',
      [
        [0, 3],
        [3, 6],
      ],
    ],
    [
      'with an overlap',
      [
        [0, 4],
        [2, 6],
      ],
    ],
    [
      'first a part, then all',
      [
        [0, 1],
        [0, 2],
        [0, 6],
      ],
    ],
    [
      'an old one late',
      [
        [0, 6],
        [1, 3],
      ],
    ],
    [
      'one by one',
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
      ],
    ],
  ] as [string, [number, number][]][])('changes nothing: %s', async (_, cuts) => {
    expect(await once(...cuts)).toEqual(await once([0, 6]));
  });

  it('changes nothing on a warm function either', async () => {
    const engine = new TestEngine(JOB);
    const records = streamRecords(all);
    await engine.ingest(records);
    expect(await engine.ingest(records)).toMatchObject({ commits: 0, counts: NOTHING });
    expect(await engine.commits()).toHaveLength(1);
  });

  it('takes a record that comes twice in one batch once', async () => {
    const engine = new TestEngine(JOB);
    const [first, second] = streamRecords([visit('a', 1), visit('a', 2)]);
    if (!first || !second) throw new Error('two records');
    const report = await engine.ingest([first, second, first, second]);
    expect(report.counts.accepted).toBe(2);
  });
});

describe('a commit that would not fit an item', () => {
  it('becomes several prefixes, a packed record cut in the middle among them', async () => {
    const engine = new TestEngine(JOB);
    // Random text does not deflate: 12,000 ids of 64 characters are about 600 KB.
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const packed = [0, 1, 2].map((n) =>
      pages.slice(n * 4_000, (n + 1) * 4_000).map((page) => visit(page, 1)),
    );
    const report = await engine.ingest(streamRecords(packed));
    const commits = await engine.commits();
    expect(report.counts.accepted).toBe(12_000);
    expect(report.commits).toBe(commits.length);
    expect(commits.length).toBeGreaterThan(1);
    expect(commits.some(({ to }) => to.index > 0 && to.index < 3_999)).toBe(true);
    for (const item of engine.state.items()) expect(itemBytes(item)).toBeLessThan(400 * 1024);
    expect(commits.map(({ slot }) => slot)).toEqual([...commits.keys()]);
    expect(await engine.ingest(streamRecords(packed))).toMatchObject({ commits: 0 });
  });

  it('buries an event whose effect alone is too large, and counts its neighbours', async () => {
    const engine = new TestEngine(JOB);
    const huge = randomBytes(400_000).toString('base64');
    const records = streamRecords([visit('a', 1), visit(huge, 2), visit('b', 3)]);
    const report = await engine.ingest(records);
    expect(report.counts).toEqual({ ...NOTHING, accepted: 2, dead: 1 });
    const [buried] = await engine.side();
    expect(buried).toMatchObject({ kind: 'dead', reason: expect.stringContaining('does not fit') });
    expect(await answersOf(engine)).toEqual([['2017-11-26T01:01:00.000Z', { a: 1, b: 1 }]]);
    expect(await engine.ingest(records)).toMatchObject({ commits: 0 });
  });

  it('goes on in the middle of a record that a dead function had begun', async () => {
    let puts = 0;
    const engine = new TestEngine(JOB, {
      onState: {
        before: ({ operation, partitions }) => {
          if (operation !== 'put' || !partitions[0]?.includes('#log#')) return;
          puts += 1;
          if (puts === 2) throw new RetryableError('throttled');
        },
      },
    });
    const pages = Array.from({ length: 8_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords([pages.map((page) => visit(page, 1))]);
    await expect(engine.ingest(records)).rejects.toThrow(RetryableError);
    engine.coldStart();
    await engine.ingest(records);
    const commits = await engine.commits();
    expect(commits.at(-1)?.totals.accepted).toBe(8_000);
  });
});

describe('side output', () => {
  it('stays in the commit while it is small', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords(['broken', visit('a', 100), visit('late', 1)]));
    const [commit] = await engine.commits();
    expect(commit?.side).toBeInstanceOf(Uint8Array);
    expect(await engine.side()).toMatchObject([
      {
        kind: 'dead',
        position: `${sequenceNumber(0)}/0`,
        partitionKey: 'key-0',
        lane: `page-views/${SHARD}`,
      },
      { kind: 'late', eventTime: T0 + 1_000, watermark: T0 + 100_000 },
    ]);
  });

  it('takes 6 MB of garbage in one batch, in chunks beside the commit, byte for byte', async () => {
    const engine = new TestEngine(JOB);
    const garbage = Array.from({ length: 60 }, () => {
      const bytes = randomBytes(100_000);
      return bytes.map((byte) => (byte === 0x0a ? 0xff : byte));
    });
    const report = await engine.ingest(streamRecords(garbage));
    expect(report.counts.dead).toBe(60);
    const [commit] = await engine.commits();
    expect(commit?.side).toMatchObject({ chunks: expect.any(Number) });
    for (const item of engine.state.items()) expect(itemBytes(item)).toBeLessThan(400 * 1024);
    const raw = (await engine.side()).map((event) => Buffer.from(event.raw));
    expect(raw.every((bytes, i) => bytes.equals(Buffer.from(garbage[i] ?? [])))).toBe(true);
  });
});

describe('near the time-out', () => {
  it('commits what is done, names the first unprocessed record, and the next try goes on', async () => {
    const engine = new TestEngine(JOB);
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords(pages.map((page) => visit(page, 1)));
    const times = [30_000, 2_999];
    const report = await engine.ingest(records, { remainingMs: () => times.shift() ?? 0 });
    const { to } = (await engine.commits()).at(-1) ?? {};
    const next = records.findIndex(({ sequence }) => sequence === to?.sequence) + 1;
    expect(report.commits).toBe(1);
    expect(report.firstUnprocessed).toBe(sequenceNumber(next));
    const rest = await engine.ingest(records.slice(next));
    expect(rest.firstUnprocessed).toBeUndefined();
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(12_000);
  });

  it('names the record it stopped in, when that is a packed one', async () => {
    const engine = new TestEngine(JOB);
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords([pages.map((page) => visit(page, 1))]);
    const times = [30_000, 0];
    const report = await engine.ingest(records, { remainingMs: () => times.shift() ?? 0 });
    expect(report).toMatchObject({ commits: 1, firstUnprocessed: sequenceNumber(0) });
    await engine.ingest(records);
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(12_000);
  });

  it('does nothing when there is no time at all', async () => {
    const engine = new TestEngine(JOB);
    const report = await engine.ingest(streamRecords([visit('a', 1)]), { remainingMs: () => 10 });
    expect(report).toMatchObject({ commits: 0, firstUnprocessed: sequenceNumber(0) });
  });
});

describe('a slot that somebody else took', () => {
  it('is read, and only what it left is committed', async () => {
    const engine = new TestEngine(JOB);
    const zombie = new TestEngine(JOB, { state: engine.state });
    const records = streamRecords([visit('a', 1), visit('b', 2), visit('c', 3)]);
    await engine.ingest(records.slice(0, 1));
    await zombie.ingest(records.slice(0, 2));
    const report = await engine.ingest(records);
    expect(report.counts.accepted).toBe(1);
    expect((await engine.commits()).map(({ totals }) => totals.accepted)).toEqual([1, 2, 3]);
    expect(await answersOf(engine)).toEqual([['2017-11-26T01:01:00.000Z', { a: 1, b: 1, c: 1 }]]);
  });

  it('is fenced even when it is taken between reading the head and appending', async () => {
    const state = new TestEngine(JOB).state;
    const zombie = new TestEngine(JOB, { state });
    const records = streamRecords([visit('a', 1), visit('b', 2)]);
    let meanwhile: (() => Promise<unknown>) | undefined = () => zombie.ingest(records.slice(0, 1));
    const engine = new TestEngine(JOB, {
      state,
      onState: {
        async before({ operation, partitions }) {
          if (operation !== 'put' || !partitions[0]?.includes('#log#')) return;
          const act = meanwhile;
          meanwhile = undefined;
          await act?.();
        },
      },
    });
    expect((await engine.ingest(records)).counts.accepted).toBe(1);
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(2);
  });

  /** Loses the reply to the first commit, after or before it was written. */
  const losingOneReply = (when: 'after' | 'before') => {
    let losses = 1;
    const lose = ({ operation, partitions }: Call) => {
      if (operation !== 'put' || !partitions[0]?.includes('#log#') || losses === 0) return;
      losses -= 1;
      throw new UnknownOutcomeError('no reply');
    };
    return new TestEngine(JOB, { onState: { [when]: lose } });
  };

  it('may be our own: when the reply is lost, the log tells', async () => {
    const engine = losingOneReply('after');
    await engine.ingest(streamRecords([visit('a', 1)]));
    expect((await engine.commits()).map(({ totals }) => totals.accepted)).toEqual([1]);
  });

  it('is committed once when neither the write nor its reply came through and the batch comes again', async () => {
    const engine = losingOneReply('before');
    const records = streamRecords([visit('a', 1)]);
    await engine.ingest(records).catch((error) => expect(error).toBeInstanceOf(RetryableError));
    await engine.ingest(records);
    expect((await engine.commits()).map(({ totals }) => totals.accepted)).toEqual([1]);
  });

  it('leaves an error of the table to the caller, with nothing counted', async () => {
    const engine = new TestEngine(JOB, {
      onState: {
        before({ operation }) {
          if (operation === 'put') throw new RetryableError('throttled');
        },
      },
    });
    await expect(engine.ingest(streamRecords([visit('a', 1)]))).rejects.toThrow(RetryableError);
    expect([...engine.state.items()]).toEqual([]);
  });
});

describe('state that cannot be gone on from', () => {
  it('is refused when the log expired after windows were closed from it', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords([visit('a', 1), visit('a', 100)]));
    await engine.closer.run('schedule');
    const pk = logPartition(engine.lane());
    engine.state.remove({ pk, sk: '000000000000' });
    engine.coldStart();
    const again = engine.ingest(streamRecords([visit('a', 101)], { first: 2 }));
    await expect(again).rejects.toThrow(InvariantViolation);
    await expect(engine.commits()).resolves.toEqual([]);
  });

  it('is refused when the job was changed under the same version', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords([visit('a', 1)]));
    const changed = untyped(visitsJob({ assign: tumbling({ size: minutes(2) }) }));
    const other = new TestEngine(changed, { state: engine.state });
    const records = streamRecords([visit('a', 2)], { first: 1 });
    await expect(other.ingest(records)).rejects.toThrow(JobDefinitionError);
    await expect(other.closer.run('schedule')).rejects.toThrow('raise the version of the job');
    const next = untyped(visitsJob({ assign: tumbling({ size: minutes(2) }), version: 2 }));
    const beside = new TestEngine(next, { state: engine.state });
    expect(await beside.ingest(records)).toMatchObject({ commits: 1 });
  });
});

describe('limits', () => {
  it('takes a batch of 10,000 records', async () => {
    const engine = new TestEngine(JOB);
    const records = streamRecords(
      Array.from({ length: 10_000 }, (_, i) => visit(`p${i % 50}`, i % 50)),
    );
    expect(await engine.ingest(records)).toMatchObject({
      commits: 1,
      counts: { accepted: 10_000 },
    });
  });

  it('takes a batch of 6 MB in packed records of 1 MB', async () => {
    const engine = new TestEngine(JOB);
    const event = visit('a page with a name of some length, as they come', 1);
    const perRecord = Math.floor((1024 * 1024) / (bytesOf(event).length + 1));
    const packed = Array.from({ length: perRecord }, () => event);
    const report = await engine.ingest(streamRecords(Array(6).fill(packed)));
    expect(report).toMatchObject({ commits: 1, counts: { accepted: 6 * perRecord } });
  });

  it('admits a batch of redriven events several at a time, and of each origin the first copy', async () => {
    let underWay = 0;
    let most = 0;
    let requests = 0;
    const isAdmission = ({ partitions }: Call) => partitions[0] === admissionPartition(JOB.id);
    const engine = new TestEngine(JOB, {
      onState: {
        async before(call) {
          if (!isAdmission(call)) return;
          requests += 1;
          underWay += 1;
          most = Math.max(most, underWay);
          await setImmediate();
        },
        after(call) {
          if (isAdmission(call)) underWay -= 1;
        },
      },
    });
    const copyOf = (page: string, position: string) =>
      encodeRedriven(
        { job: JOB.id, lane: 'page-views/a', position, watermark: NO_WATERMARK },
        bytesOf(visit(page, 1)),
      );
    const copies = Array.from({ length: 400 }, (_, i) => copyOf('first', `${i}/0`));
    const report = await engine.ingest(streamRecords([...copies, copyOf('second', '0/0')]));
    expect(report.counts).toMatchObject({ accepted: 400, filtered: 1 });
    expect(await answersOf(engine)).toEqual([['2017-11-26T01:01:00.000Z', { first: 400 }]]);
    expect({ most, requests }).toEqual({ most: 8, requests: 400 });
  });

  it('dead-letters a single line of 1 MB', async () => {
    const engine = new TestEngine(JOB);
    const line = JSON.stringify({ page: randomBytes(500_000).toString('hex') });
    expect(await engine.ingest(streamRecords([line]))).toMatchObject({ counts: { dead: 1 } });
  });
});

it('reads the head again once the warm one is old, since slots behind it may have expired', async () => {
  let queries = 0;
  const engine = new TestEngine(JOB, {
    onState: {
      before({ operation }) {
        if (operation === 'query') queries += 1;
      },
    },
  });
  await engine.ingest(streamRecords([visit('a', 1)]));
  const before = queries;
  await engine.ingest(streamRecords([visit('a', 2)], { first: 1 }));
  expect(queries).toBe(before);
  engine.clock.advance(minutes(11));
  await engine.ingest(streamRecords([visit('a', 3)], { first: 2 }));
  expect(queries).toBeGreaterThan(before);
});

it('gives commits a time to live, by the clock', async () => {
  const engine = new TestEngine(JOB, { settings: { logRetention: days(3) } });
  await engine.ingest(streamRecords([visit('a', 1)]));
  const [commit] = await engine.commits();
  expect(commit?.expiresAt).toBe(engine.clock.now() + days(3));
});
