/** What is read of a job that is well, and of which a test changes one thing. */
import type { JobFacts } from '../../../shared/health/facts.ts';
import { NO_COUNTS } from '../../../shared/model/counts.ts';
import {
  type Duration,
  earlier,
  minutes,
  type ProcessingTime,
  processingTime,
  seconds,
  watermarkAt,
} from '../../../shared/model/time.ts';
import type { Failure } from '../../../shared/state/failures.ts';
import type { LaneStatus } from '../../../shared/state/inspect.ts';

export const NOW: ProcessingTime = processingTime(Date.UTC(2024, 4, 1, 12));

/** A time so long before now. */
export const ago = (by: Duration): ProcessingTime => earlier(NOW, by);
export const markAgo = (by: Duration) => watermarkAt(ago(by));

const LANE = 'user-behavior/shardId-000000000000';

export const laneStatus = (change: Partial<LaneStatus> = {}): LaneStatus => ({
  lane: { job: 'hot-items@1', stream: 'user-behavior', shard: 'shardId-000000000000' },
  parents: [],
  standing: 'listed',
  slots: 10,
  position: undefined,
  watermark: markAgo(seconds(10)),
  lastValidAt: ago(seconds(2)),
  expiresAt: NOW,
  counts: { ...NO_COUNTS, accepted: 1_000 },
  expired: 0,
  merged: 10,
  ...change,
});

export const failure = (change: Partial<Failure> = {}): Failure => ({
  by: 'ingest',
  at: ago(seconds(3)),
  error: 'RetryableError',
  message: 'throttled',
  lane: LANE,
  ...change,
});

interface Changes extends Partial<Omit<JobFacts, 'progress' | 'lanes'>> {
  readonly progress?: Partial<JobFacts['progress']>;
  readonly lanes?: Partial<JobFacts['lanes']>;
}

export const jobFacts = ({ progress, lanes, ...change }: Changes = {}): JobFacts => ({
  name: 'hot-items',
  job: { id: 'hot-items@1', kind: 'window' },
  failures: [],
  lagMax: minutes(10),
  lastCommits: new Map([[LANE, ago(seconds(2))]]),
  ...change,
  progress: {
    lanes: [laneStatus()],
    counts: { ...NO_COUNTS, accepted: 1_000 },
    expired: 0,
    watermark: markAgo(seconds(10)),
    watermarkBy: 'events',
    stored: markAgo(minutes(1)),
    ...progress,
  },
  lanes: {
    eventsPerSecond: 10,
    counts: { ...NO_COUNTS, accepted: 3_000 },
    reachedBefore: markAgo(minutes(5)),
    unmerged: { commits: 0, oldest: [] },
    ...lanes,
  },
});
