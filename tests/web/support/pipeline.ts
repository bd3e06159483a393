/** Jobs in each state that one can be in, and the tables of a stage to which somebody has added two. */
import type {
  JobAnswer,
  JobsAnswer,
  TablesAnswer,
} from '../../../functions/api/contract/answers.ts';
import { iso } from './story.ts';

const NOW = Date.parse('2026-03-02T13:00:00.000Z');

function jobOf(name: string, change: Partial<JobAnswer> = {}): JobAnswer {
  return {
    ...{ name, id: `${name}@1`, kind: 'window', tables: [name] },
    ...{ watermark: iso(NOW - 1_200), watermarkBy: 'events', lagSeconds: 1.2 },
    ...{ lanes: { listed: 2, retired: 0 }, expired: 0, eventsPerSecond: 153.42 },
    counts: { accepted: 68_211, filtered: 120, late: 4, dead: 0 },
    recent: { accepted: 9_100, filtered: 12, late: 0, dead: 0 },
    ...{ lastCommitAt: iso(NOW - 900), lastError: null, findings: [] },
    ...change,
  };
}

export const JOBS: JobsAnswer = {
  at: iso(NOW),
  jobs: [
    jobOf('hot-items'),
    jobOf('hot-pages', {
      counts: { accepted: 9_800, filtered: 200, late: 33, dead: 52 },
      recent: { accepted: 900, filtered: 20, late: 0, dead: 7 },
      findings: [
        {
          ...{ kind: 'dead', urgency: 'attention' },
          ...{
            what: '7 dead letters in the last 5 min',
            todo: 'tidemark dead hot-pages --summary',
          },
        },
      ],
    }),
    jobOf('pvuv', { watermarkBy: 'clock', lagSeconds: 0.4 }),
    jobOf('app-promotion', {
      ...{ lagSeconds: 754, watermark: iso(NOW - 754_000) },
      findings: [
        {
          ...{ kind: 'behind', urgency: 'note' },
          what: 'the events are old as they come: a sample, or a replay',
          todo: 'docs/operations.md#watermark-lag',
        },
      ],
    }),
    jobOf('ad-blacklist', {
      lastError: {
        ...{ by: 'closeWindows', at: iso(NOW - 400_000), error: 'RetryableError' },
        ...{ message: 'the table was throttled', isPast: true },
      },
    }),
    jobOf('user-profile', { tables: ['user-profile', 'user-tags'] }),
    jobOf('funnel'),
    jobOf('login-fail', {
      ...{ watermark: null, lagSeconds: null, lastCommitAt: null, eventsPerSecond: 0 },
      ...{ kind: 'pattern', lanes: { listed: 0, retired: 0 } },
      counts: { accepted: 0, filtered: 0, late: 0, dead: 0 },
      recent: { accepted: 0, filtered: 0, late: 0, dead: 0 },
    }),
  ],
};

const known = [
  ...['hot-items', 'hot-pages', 'pvuv', 'app-promotion', 'ad-clicks', 'login-alerts'],
  ...['user-profile', 'user-tags', 'funnel'],
];

export const TABLES: TablesAnswer = {
  tables: [
    ...known.map((name) => ({
      ...{ name, job: name, rows: 'windows' as const, partitionKey: 'board' },
      ...{ problems: [], isListed: false },
    })),
    {
      ...{ name: 'refunds-by-reason', job: 'refunds', rows: 'windows', partitionKey: 'reason' },
      ...{ sortKey: 'windowEnd', headline: 'damaged', problems: [], isListed: false },
    },
    {
      ...{ name: 'return-status', job: 'returns', rows: 'statuses', partitionKey: 'returnId' },
      ...{ problems: [], isListed: false },
    },
  ],
};
