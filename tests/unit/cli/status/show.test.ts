/** How the status of jobs looks. */
import { describe, expect, it } from 'vitest';
import { statusJson, statusLines, statusPicture } from '../../../../cli/status/show.ts';
import type { JobFacts } from '../../../../shared/health/facts.ts';
import { assess } from '../../../../shared/health/findings.ts';
import { NO_COUNTS } from '../../../../shared/model/counts.ts';
import { days, hours, minutes, NO_WATERMARK, seconds } from '../../../../shared/model/time.ts';
import { ago, failure, jobFacts, laneStatus, markAgo, NOW } from '../../health/jobFacts.ts';

const LOOK = { now: NOW, stage: 'prod' };
const assessed = (facts: JobFacts, look = LOOK) => ({ facts, findings: assess(facts, look) });
const lines = (facts: readonly JobFacts[], columns?: number, look = LOOK) =>
  statusLines(
    facts.map((each) => assessed(each, look)),
    look,
    columns,
  );

const WAITING = jobFacts({
  name: 'pvuv',
  progress: { lanes: [], counts: NO_COUNTS, watermark: NO_WATERMARK },
  lanes: { counts: NO_COUNTS },
});
const QUIET = jobFacts({
  name: 'order-reconcile',
  progress: {
    watermarkBy: 'clock',
    watermark: markAgo(minutes(5)),
    lanes: [laneStatus(), laneStatus(), laneStatus({ standing: 'retired' })],
    counts: { accepted: 12_345_678, filtered: 0, late: 7, dead: 3 },
    expired: 2,
  },
  lanes: { eventsPerSecond: 0.25, counts: { ...NO_COUNTS, late: 2, accepted: 9 } },
});

it('is two tables and what needs attention', () => {
  expect(lines([QUIET, WAITING])).toEqual([
    'stage prod, 2024-05-01 12:00:00 UTC',
    '',
    '  job              events/s  watermark (UTC)      behind              lanes',
    '  order-reconcile       0.3  2024-05-01 11:55:00  5 min by the clock  2, 1 retired',
    '  pvuv                       no event yet',
    '',
    '  job                accepted  filtered  late  dead  expired  late 5m  dead 5m',
    '  order-reconcile  12,345,678         0     7     3        2        2        0',
    '  pvuv                      0         0     0     0        0        0        0',
    '',
    'nothing needs attention',
    'i order-reconcile: 3 dead letters so far, redriven ones too, none in the last 5 min; see tidemark dead order-reconcile --summary --stage prod',
  ]);
});

it('shows copies, and what is not remembered, where there are any', () => {
  const counts = { ...NO_COUNTS, accepted: 10, repeated: 1_234, unremembered: 5 };
  const of = (shown: readonly string[]) =>
    shown.slice(shown.findIndex((line) => line.includes('accepted')));
  expect(of(lines([jobFacts({ progress: { counts } }), WAITING])).slice(0, 3)).toEqual([
    '  job        accepted  filtered  late  dead  expired  late 5m  dead 5m  repeated  unremembered',
    '  hot-items        10         0     0     0        0        0        0     1,234             5',
    '  pvuv              0         0     0     0        0        0        0         0             0',
  ]);
});

it('marks jobs that need attention, and says once what is found of several', () => {
  const dead = { counts: { ...NO_COUNTS, accepted: 10, dead: 1 } };
  const behind = { watermark: markAgo(days(900)) };
  const local = { now: NOW, stage: 'local' };
  const shown = lines(
    [jobFacts({ lanes: dead, progress: behind }), jobFacts({ name: 'pvuv', progress: behind })],
    undefined,
    local,
  );
  expect(shown.filter((line) => line.startsWith('! hot-items '))).toHaveLength(2);
  expect(shown.filter((line) => line.startsWith('  pvuv '))).toHaveLength(2);
  expect(shown.slice(-2)).toEqual([
    '! hot-items: 1 dead letter in the last 5 min; see tidemark dead hot-items --summary',
    'i hot-items, pvuv: the events are old as they come: a sample, or a replay; see docs/operations.md#watermark-lag',
  ]);
});

it('shows errors that are over as past, and what needs somebody with what it says, in one line', () => {
  const past = failure({ by: 'closeWindows', trigger: 'schedule', at: ago(hours(2)) });
  const { lane: _, ...pastOfClosing } = past;
  const evil = failure({ message: `no\u001b[2J\nmore ${'x'.repeat(900)}`, at: ago(seconds(1)) });
  const shown = lines([jobFacts({ failures: [evil, pastOfClosing] })]);
  const error = shown.find((line) => line.includes('RetryableError: no'));
  expect(error).toContain('RetryableError: no\\u001b[2J\\nmore xxx');
  expect(error).toMatch(/x…; see docs\/operations\.md#errors$/);
  expect(error?.length).toBeLessThan(400);
  expect(shown.slice(-2)).toEqual([
    'past errors:',
    '  hot-items: closeWindows failed 2 h ago: RetryableError: throttled',
  ]);
});

describe('the tables', () => {
  /** The longest name that the project comes with has 15 letters. */
  const many = Array.from({ length: 8 }, (_, n) => `order-reconcil${n}`).map((name) =>
    jobFacts({
      name,
      progress: {
        lanes: [laneStatus(), laneStatus()],
        counts: { accepted: 99_999, filtered: 99_999, late: 999, dead: 999 },
        watermarkBy: 'clock',
        watermark: markAgo(minutes(5)),
      },
    }),
  );

  it('of eight jobs fit a terminal of 80 columns and 24 lines, with usual numbers', () => {
    const shown = lines(many);
    const tables = shown.filter((line) => /^ {2}\w/.test(line));
    expect(tables).toHaveLength(18);
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
    const notes = shown.filter((line) => line.startsWith('i '));
    expect(shown.length - notes.length).toBeLessThan(24);
  });

  it('are cut on a narrow terminal, and what needs attention is not', () => {
    const shown = lines([jobFacts({ failures: [failure()] }), QUIET], 40);
    const [text = '', note = '', ...others] = shown.filter((line) => line.length > 40);
    expect(text).toContain('see docs/operations.md#errors');
    expect(note).toContain('see tidemark dead order-reconcile --summary');
    expect(others).toEqual([]);
    expect(shown.filter((line) => line.endsWith('…'))).toHaveLength(6);
  });
});

describe('the picture of a terminal', () => {
  const jobs = (count: number, failing: number) =>
    Array.from({ length: count }, (_, n) =>
      assessed(
        jobFacts({
          name: `job-${n}`,
          failures: n < failing ? [failure({ message: `no ${n} ${'x'.repeat(100)}` })] : [],
        }),
      ),
    );
  const rowsOf = (shown: readonly string[], columns: number) =>
    shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);

  it('has what needs attention above the tables, and below what is worth a word', () => {
    const shown = statusPicture([assessed(QUIET), ...jobs(1, 1)], LOOK, { columns: 80, rows: 24 });
    expect(shown.map((line) => line.slice(0, 5))).toEqual([
      'stage',
      '',
      '! job',
      '',
      '  job',
      '  ord',
      '! job',
      '',
      '  job',
      '  ord',
      '! job',
      '',
      'i ord',
    ]);
  });

  it.each([
    [24, 8],
    [24, 2],
    [5, 8],
  ])('has at most %d rows with the one of the cursor, and %d jobs that fail', (rows, failing) => {
    const all = statusPicture(jobs(8, failing), LOOK, { columns: 80, rows: 1_000 });
    const shown = statusPicture(jobs(8, failing), LOOK, { columns: 80, rows });
    const kept = shown.slice(0, -1);
    expect(rowsOf(shown, 80)).toBeLessThan(rows);
    expect(kept).toEqual(all.slice(0, kept.length));
    expect(shown.at(-1)).toBe(`… and ${all.length - kept.length} more lines`);
    // Another line would be one too many.
    expect(rowsOf(all.slice(0, kept.length + 1), 80) + 2).toBeGreaterThan(rows);
  });

  it('is whole where it just fits', () => {
    const all = statusPicture(jobs(1, 0), LOOK, { columns: 80, rows: 1_000 });
    expect(all).toHaveLength(9);
    expect(statusPicture(jobs(1, 0), LOOK, { columns: 80, rows: 10 })).toEqual(all);
    expect(statusPicture(jobs(1, 0), LOOK, { columns: 80, rows: 9 })).toEqual([
      ...all.slice(0, 7),
      '… and 2 more lines',
    ]);
  });

  it('says above all why it is not read any more', () => {
    const shown = statusPicture(jobs(8, 8), LOOK, { columns: 80, rows: 24 }, 'gone\u001b[2J');
    expect(shown[1]).toBe('! not read: gone\\u001b[2J');
  });
});

describe('as JSON', () => {
  it('is one line with all there is, errors as they are kept', () => {
    const message = `a\n\u001b${'x'.repeat(900)}`;
    const facts = jobFacts({
      failures: [failure({ message })],
      progress: QUIET.progress,
      lanes: QUIET.lanes,
    });
    const text = statusJson(assessed(facts), LOOK);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toMatchObject({
      at: '2024-05-01T12:00:00.000Z',
      stage: 'prod',
      job: 'hot-items@1',
      state: 'attention',
      watermark: '2024-05-01T11:55:00.000Z',
      watermarkBy: 'clock',
      lagSeconds: 300,
      lanes: { listed: 2, retired: 1 },
      counts: { accepted: 12_345_678, filtered: 0, late: 7, dead: 3, expired: 2 },
      eventsPerSecond: 0.25,
      recent: { seconds: 300, accepted: 9, late: 2, dead: 0 },
      errors: [{ by: 'ingest', error: 'RetryableError', message, isPast: false }],
      findings: [
        { kind: 'failing', urgency: 'attention', todo: 'docs/operations.md#errors' },
        { kind: 'dead', urgency: 'note', todo: 'tidemark dead hot-items --summary --stage prod' },
      ],
    });
  });

  it('says of a job that waits for its first event that it does', () => {
    const shown = JSON.parse(statusJson(assessed(WAITING), LOOK));
    expect(shown).toMatchObject({ state: 'noEvents', lanes: { listed: 0 }, findings: [] });
    expect(shown).not.toHaveProperty('watermark');
    expect(shown).not.toHaveProperty('lagSeconds');
    expect(JSON.parse(statusJson(assessed(jobFacts()), LOOK))).toMatchObject({ state: 'well' });
  });
});
