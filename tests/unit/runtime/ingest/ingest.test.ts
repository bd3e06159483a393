/** Ingest over the memory table: what a batch commits, and what a second delivery does not. */
import { describe, expect, it } from 'vitest';
import {
  InvariantViolation,
  JobDefinitionError,
  RetryableError,
  UnknownOutcomeError,
} from '../../../../shared/errors.ts';
import { days, minutes, tumbling } from '../../../../shared/index.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import { logPartition } from '../../../../shared/state/keys.ts';
import { decodeContents } from '../../../../shared/state/lane/sliceContent.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Call } from '../../../support/interceptedTable.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { type RecordContent, sequenceNumber, streamRecords } from '../../../support/records.ts';

const JOB = untyped(visitsJob());
const NOTHING = { accepted: 0, filtered: 0, late: 0, dead: 0 };

/** The answers of all commits: a flush closes what is there. */
async function answersOf(engine: TestEngine) {
  await engine.close('endOfInput');
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
    await engine.close('schedule');
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
    await expect(other.close('schedule')).rejects.toThrow('raise the version of the job');
    const next = untyped(visitsJob({ assign: tumbling({ size: minutes(2) }), version: 2 }));
    const beside = new TestEngine(next, { state: engine.state });
    expect(await beside.ingest(records)).toMatchObject({ commits: 1 });
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
