/** What needs somebody, and where it begins to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobFacts } from '../../../shared/health/facts.ts';
import { assess, needsAttention } from '../../../shared/health/findings.ts';
import { NO_COUNTS } from '../../../shared/model/counts.ts';
import {
  days,
  type EventTime,
  eventTime,
  hours,
  milliseconds,
  minutes,
  NO_WATERMARK,
  seconds,
} from '../../../shared/model/time.ts';
import { ROOT } from '../../tidy/repository.ts';
import { ago, failure, jobFacts, laneStatus, markAgo, NOW } from './jobFacts.ts';

const MS = 1;
const PROD = { now: NOW, stage: 'prod' };
const LOCAL = { now: NOW, stage: 'local' };

const kindsOf = (facts: JobFacts, look = PROD) =>
  assess(facts, look)
    .filter(({ urgency }) => urgency === 'attention')
    .map(({ kind }) => kind);

it('a job that keeps up needs nobody, nor one without an event', () => {
  expect(assess(jobFacts(), PROD)).toEqual([]);
  const lanes = { counts: NO_COUNTS, reachedBefore: NO_WATERMARK };
  const progress = { lanes: [], counts: NO_COUNTS, watermark: NO_WATERMARK, stored: NO_WATERMARK };
  expect(assess(jobFacts({ progress, lanes }), PROD)).toEqual([]);
});

describe('an error', () => {
  const withFailure = (change: Parameters<typeof failure>[0], committed = ago(seconds(1))) =>
    jobFacts({
      failures: [failure(change)],
      lastCommits: new Map([[failure().lane ?? '', committed]]),
    });

  it.each([
    ['young, though its lane has gone on since', { at: ago(minutes(4)) }, ['failing']],
    ['less than five minutes old', { at: ago(milliseconds(300_000 - MS)) }, ['failing']],
    ['five minutes old, and its lane has gone on since', { at: ago(minutes(5)) }, []],
    [
      'of a lane that has committed nothing',
      { at: ago(hours(3)), lane: 'user-behavior/b' },
      ['failing'],
    ],
    ['of a scheduled function, young', { by: 'closeWindows', at: ago(minutes(4)) }, ['failing']],
    ['of a scheduled function, not repeated', { by: 'closeWindows', at: ago(minutes(5)) }, []],
  ] as const)('%s: %o', (_, change, kinds) => {
    expect(kindsOf(withFailure(change))).toEqual(kinds);
  });

  it.each([
    ['before', hours(3) + MS, ['failing']],
    ['at the time of', hours(3), []],
    ['after', hours(3) - MS, []],
  ])('whose lane committed last %s it', (_, committedAgo, kinds) => {
    const facts = withFailure({ at: ago(hours(3)) }, ago(milliseconds(committedAgo)));
    expect(kindsOf(facts)).toEqual(kinds);
  });

  it('is told with its age, its place and what it says', () => {
    const [finding] = assess(withFailure({ at: ago(seconds(72)) }), PROD);
    expect(finding?.what).toBe(
      'ingest of user-behavior/shardId-000000000000 failed 1 min 12 s ago: RetryableError: throttled',
    );
  });
});

describe('the watermark', () => {
  const behind = (lag: number, lagMax: JobFacts['lagMax'] = minutes(10)) =>
    jobFacts({ lagMax, progress: { watermark: markAgo(milliseconds(lag)) } });

  it.each([
    [minutes(10) - MS, []],
    [minutes(10), []],
    [minutes(10) + MS, ['behind']],
  ])('%d ms behind the clock, of 10 min that are normal', (lag, kinds) => {
    expect(kindsOf(behind(lag))).toEqual(kinds);
  });

  it('may be behind the clock where a quiet night looks like a standstill', () => {
    const { lagMax: _, ...facts } = behind(days(3));
    expect(assess({ ...facts, lagMax: undefined }, PROD)).toEqual([]);
  });

  it('of old samples on the local stack is worth a word, and no alarm', () => {
    const findings = assess(behind(days(3_000)), LOCAL);
    expect(findings).toMatchObject([{ kind: 'behind', urgency: 'note' }]);
    expect(needsAttention(findings)).toBe(false);
  });
});

describe('closeWindows', () => {
  const end = (by: number): EventTime => eventTime(ago(milliseconds(by)));
  const waiting = (commits: number, lastEnd?: EventTime) =>
    jobFacts({
      lanes: { unmerged: { commits, oldest: [{ at: ago(minutes(6)), lastEnd }] } },
    });

  it.each<[string, JobFacts, readonly string[]]>([
    ['left windows that were due', waiting(1, end(minutes(5))), ['standing']],
    ['left windows that are due since', waiting(1, end(minutes(5) - MS)), []],
    ['left what is for no window', waiting(199), []],
    ['left as many commits as it never leaves', waiting(200), ['standing']],
  ])('that %s', (_, facts, kinds) => {
    expect(kindsOf(facts)).toEqual(kinds);
  });

  it('is not judged by windows where a lane has begun in between', () => {
    const facts = waiting(1, end(hours(1)));
    const lanes = { ...facts.lanes, reachedBefore: NO_WATERMARK };
    expect(assess({ ...facts, lanes }, PROD)).toEqual([]);
  });
});

describe('fireTimers', () => {
  const storing = (lag: number, reachedBefore = markAgo(minutes(5))) =>
    jobFacts({
      job: { id: 'order-timeout@1', kind: 'status' },
      progress: { stored: markAgo(milliseconds(lag)) },
      lanes: { reachedBefore },
    });

  it.each([
    [minutes(5) - MS, []],
    [minutes(5), []],
    [minutes(5) + MS, ['standing']],
  ])(
    'that stored a watermark %d ms ago, of the five minutes ago that was reached',
    (lag, kinds) => {
      expect(kindsOf(storing(lag))).toEqual(kinds);
    },
  );
});

describe('events', () => {
  const recent = (counts: Partial<typeof NO_COUNTS>) =>
    jobFacts({ lanes: { counts: { ...NO_COUNTS, ...counts } } });

  it.each([
    ['one dead letter', { accepted: 1_000_000, dead: 1 }, ['dead']],
    ['late ones, just a hundredth', { accepted: 1_980, late: 20 }, []],
    ['late ones, more than a hundredth', { accepted: 1_979, late: 20 }, ['late']],
    ['nine late ones of nine', { late: 9 }, []],
    ['ten late ones of ten', { late: 10 }, ['late']],
    ['none at all', {}, []],
  ])('%s', (_, counts, kinds) => {
    expect(kindsOf(recent(counts))).toEqual(kinds);
  });

  it.each([
    ['22 that are over are worth a word', 22, 0, ['note']],
    ['22, one of them recent, are told once', 22, 1, ['attention']],
    ['none', 0, 0, []],
  ] as const)('that are dead: %s', (_, dead, lately, urgencies) => {
    const facts = jobFacts({
      progress: { counts: { ...NO_COUNTS, accepted: 1_000, dead } },
      lanes: { counts: { ...NO_COUNTS, accepted: 10, dead: lately } },
    });
    const findings = assess(facts, PROD);
    expect(findings.map(({ urgency }) => urgency)).toEqual(urgencies);
    expect(findings).toEqual(findings.filter(({ kind }) => kind === 'dead'));
    expect(needsAttention(findings)).toBe(lately > 0);
  });

  it('are looked at by a command that can be pasted', () => {
    const todos = (look: typeof PROD) =>
      assess(recent({ late: 10, dead: 2 }), look).map(({ todo }) => todo);
    expect(todos(LOCAL)).toEqual(['tidemark dead hot-items --summary', 'tidemark late hot-items']);
    expect(todos(PROD)).toEqual([
      'tidemark dead hot-items --summary --stage prod',
      'tidemark late hot-items --stage prod',
    ]);
  });
});

it('parts of pages that findings name are there', () => {
  const facts = jobFacts({
    failures: [failure()],
    progress: { lanes: [laneStatus()], watermark: markAgo(days(1)) },
    lanes: { unmerged: { commits: 500, oldest: [{ at: ago(hours(1)), lastEnd: undefined }] } },
  });
  const pages = assess(facts, PROD).map(({ todo }) => todo);
  expect(pages).toHaveLength(3);
  const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const parts = [...text.matchAll(/^#+ (.*)$/gm)].map(
    ([, title = '']) =>
      `docs/operations.md#${title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`,
  );
  expect(parts).toEqual(expect.arrayContaining(pages));
});
