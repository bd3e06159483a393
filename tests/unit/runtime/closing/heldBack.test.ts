import { describe, expect, it } from 'vitest';
import { count, hours, job, minutes, seconds, tumbling } from '../../../../shared/index.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import {
  NO_WATERMARK,
  processingTime,
  type Watermark,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import { ANY_FORM } from '../../../../shared/records/forms.ts';
import { holdsBack } from '../../../../shared/runtime/closing/heldBack.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/runtime/settings.ts';
import { type ClosingState, EMPTY } from '../../../../shared/state/closing/closingState.ts';

const HOUR_MS = 3_600_000;
const NOW = processingTime(10 * HOUR_MS);
const SHARD = 'shardId-000000000000';
const lane = { job: 'visits@1', stream: 'visits', shard: SHARD };

const visits = job({
  name: 'visits',
  version: 1,
  source: {
    stream: 'visits',
    aggregates: 'producerLibrary',
    reading: ANY_FORM,
    parse: (event: unknown) => ({ event }),
    eventTime: () => {
      throw new Error('not part of this test');
    },
    partitionKey: () => 'key',
    partitionKeyIn: () => 'key',
    eventTimeIn: () => undefined,
  },
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
}).window({
  assign: tumbling({ size: hours(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: count(),
  table: { name: 'visits', partitionKey: 'site' },
  result: (total) => [{ site: 'all', total }],
}) as WindowJob;

/** Closing has come to `reached`; the lane was merged up to `watermark`, by an event `silentMs` ago. */
function isHolding(
  reached: number | Watermark,
  watermark: number | Watermark,
  { silentMs = 0, hasUnread = false } = {},
): boolean {
  const merged = {
    cursor: 4,
    watermark: watermarkAt(watermark),
    lastValidAt: processingTime(NOW - silentMs),
    headExpiresAt: NOW,
    expired: 0,
  };
  const state: ClosingState = {
    ...EMPTY,
    watermark: watermarkAt(reached),
    lanes: new Map([[`visits/${SHARD}`, merged]]),
  };
  const holds = holdsBack(visits, DEFAULT_SETTINGS, state, NOW);
  return holds({ lane, name: `visits/${SHARD}`, commits: [], hasUnread });
}

describe('a lane', () => {
  it('holds the next window open until its watermark reaches the end', () => {
    expect(isHolding(2 * HOUR_MS, 3 * HOUR_MS - 1)).toBe(true);
    expect(isHolding(2 * HOUR_MS, 3 * HOUR_MS)).toBe(false);
    expect(isHolding(2 * HOUR_MS, 3 * HOUR_MS + 1)).toBe(false);
  });

  it('holds nothing once it is idle, because it leaves the minimum', () => {
    expect(isHolding(2 * HOUR_MS, 2 * HOUR_MS, { silentMs: 60_000 })).toBe(true);
    expect(isHolding(2 * HOUR_MS, 2 * HOUR_MS, { silentMs: 60_001 })).toBe(false);
  });

  it('holds nothing while its log goes on unread, since it may be further than it seems', () => {
    expect(isHolding(2 * HOUR_MS, 2 * HOUR_MS, { hasUnread: true })).toBe(false);
  });

  it('holds nothing before its first valid event', () => {
    expect(isHolding(2 * HOUR_MS, NO_WATERMARK)).toBe(false);
  });

  it('holds nothing before the job has closed anything', () => {
    expect(isHolding(NO_WATERMARK, HOUR_MS)).toBe(false);
  });
});
