/** What each run of a function tells CloudWatch. Alarms and the dashboard stand on it: see tests/unit/infra. */
import { Logger } from '@aws-lambda-powertools/logger';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { adBlacklist } from '../../../functions/adBlacklist/job.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import type { ScheduledFunction } from '../../../shared/job/traits.ts';
import { METRIC_UNITS } from '../../../shared/lambda/metrics.ts';
import { createTelemetry, type Telemetry } from '../../../shared/lambda/telemetry.ts';
import type { JobId } from '../../../shared/model/lane.ts';
import { watermarkAt } from '../../../shared/model/time.ts';
import { captureMetrics, type EmittedMetrics, stubMetricsEnvironment } from './emittedMetrics.ts';
import {
  CLOSED,
  FIRED,
  INGESTED,
  NO_UNITS,
  NOTHING_CLOSED,
  NOTHING_FIRED,
  NOW,
  UNITS,
} from './reports.ts';

let told: () => EmittedMetrics[];
const valuesTold = () => told().map(({ values }) => values);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  stubMetricsEnvironment('tidemark-test');
  told = captureMetrics();
  return () => {
    vi.useRealTimers();
  };
});

describe('metrics', () => {
  it('are told for the job and its stage, in the namespace of the project', () => {
    createTelemetry(hotItems.build()).ingested(INGESTED, UNITS);
    expect(told()).toEqual([
      {
        namespace: 'Tidemark',
        dimensions: { service: 'tidemark-test', job: 'hot-items@1' },
        values: {
          EventsAccepted: 40,
          EventsFiltered: 30,
          EventsLate: 20,
          EventsDead: 10,
          EventsRepeated: 5,
          EventsUnremembered: 2,
          KeyedStoreBytes: 4_096,
          ReadUnits: 3,
          WriteUnits: 2.5,
        },
        units: expect.objectContaining({ EventsDead: 'Count' }),
      },
    ]);
  });

  it('that are zero cost nothing, because they are not told', () => {
    const counts = { accepted: 7, filtered: 0, late: 0, dead: 0 };
    const report = { ...INGESTED, counts, keyedStoreBytes: 0 };
    createTelemetry(hotItems.build()).ingested(report, { read: 0, write: 1 });
    expect(valuesTold()).toEqual([{ EventsAccepted: 7, WriteUnits: 1 }]);
  });

  it('are all told by some run, in the unit that they are declared with', () => {
    const telemetry = createTelemetry(hotItems.build());
    telemetry.ingested(INGESTED, UNITS);
    telemetry.closed(CLOSED, UNITS, 'schedule');
    telemetry.fired(FIRED, UNITS, 'schedule');
    expect(Object.assign({}, ...told().map(({ units }) => units))).toEqual(METRIC_UNITS);
  });

  it('say of misplaced events what they mean, once per lane', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const telemetry = createTelemetry(hotItems.build());
    const lane = { stream: 'user-behavior', shard: 'shardId-1' };
    telemetry.misplaced(lane, 0);
    for (const shard of ['shardId-1', 'shardId-1', 'shardId-2']) {
      telemetry.misplaced({ ...lane, shard }, 3);
    }
    const problem = expect.stringContaining("aggregates: 'mixed'");
    expect(warn.mock.calls).toEqual([
      ['misplaced', { lane: 'user-behavior/shardId-1', events: 3, problem }],
      ['misplaced', { lane: 'user-behavior/shardId-2', events: 3, problem }],
    ]);
    warn.mockRestore();
  });

  it('say of events that were not remembered what that means, once per lane', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const telemetry = createTelemetry(hotItems.build());
    const lane = { stream: 'user-behavior', shard: 'shardId-1' };
    telemetry.unremembered(lane, 0);
    // One that was told of something else is told of this as well.
    telemetry.misplaced(lane, 1);
    for (const events of [3, 4]) telemetry.unremembered(lane, events);
    const problem = expect.stringMatching(/10,?000 names.*count again/);
    expect(warn.mock.calls.slice(1)).toEqual([
      ['unremembered', { lane: 'user-behavior/shardId-1', events: 3, problem }],
    ]);
    warn.mockRestore();
  });

  it('of a run with nothing to tell leave no line and no warning', () => {
    const warn = vi.spyOn(console, 'warn');
    createTelemetry(adBlacklist.build()).fired(NOTHING_FIRED, NO_UNITS, 'nudge');
    expect(told()).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('the watermark lag', () => {
  const closes =
    (report: Partial<typeof CLOSED>, trigger: 'schedule' | 'nudge' = 'schedule') =>
    (telemetry: Telemetry) =>
      telemetry.closed({ ...CLOSED, ...report }, NO_UNITS, trigger);
  const fires =
    (report: Partial<typeof FIRED>, trigger: 'schedule' | 'nudge' = 'schedule') =>
    (telemetry: Telemetry) =>
      telemetry.fired({ ...FIRED, ...report }, NO_UNITS, trigger);
  const failed = (name: ScheduledFunction) => (telemetry: Telemetry) => telemetry.runFailed(name);
  const ahead = watermarkAt(NOW + 5_000);
  const { watermark: none } = NOTHING_CLOSED;

  it.each([
    ['is the clock less the watermark', 'window', closes({}), 90_000],
    ['is told where nothing was due', 'window', closes({ outcome: 'nothingDue' }), 90_000],
    ['is 0 where the watermark is ahead of the clock', 'window', closes({ watermark: ahead }), 0],
    ['is 0 before the first event of a job with windows', 'window', closes(NOTHING_CLOSED), 0],
    ['is told by the timers of a status job', 'status', fires({}), 90_000],
    ['is told by the timers of a pattern job', 'pattern', fires({}), 90_000],
    ['is 0 before the first event of a status job', 'status', fires({ watermark: none }), 0],
    ['is 0 before the first event of a pattern job', 'pattern', fires({ watermark: none }), 0],
  ] as const)('%s', (_, kind, run, lag) => {
    run(createTelemetry({ id: 'a-job@1' as JobId, kind }));
    expect(valuesTold()).toMatchObject([{ WatermarkLag: lag }]);
  });

  it.each([
    ['1', 'closing on schedule', 'ClosingRuns', closes({}), [1]],
    ['1', 'timers on schedule', 'TimerRuns', fires({}), [1]],
    ['nothing', 'a nudged closing', 'ClosingRuns', closes({}, 'nudge'), []],
    ['nothing', 'nudged timers', 'TimerRuns', fires({}, 'nudge'), []],
    ['nothing', 'one that gave way', 'ClosingRuns', closes({ outcome: 'leaseTaken' }), []],
    ['nothing', 'one that lost its lease', 'ClosingRuns', closes({ outcome: 'fenced' }), []],
    ['0', 'closing that failed', 'ClosingRuns', failed('closeWindows'), [0]],
    ['0', 'timers that failed', 'TimerRuns', failed('fireTimers'), [0]],
  ] as const)('is beside the runs, which are told as %s by %s', (_, __, metric, run, values) => {
    run(createTelemetry({ id: 'a-job@1' as JobId, kind: 'window' }));
    expect(valuesTold().flatMap((each) => each[metric] ?? [])).toEqual(values);
  });

  it.each([
    ['a nudged run, which may stop early', 'window', closes({}, 'nudge')],
    ['nudged timers', 'status', fires({}, 'nudge')],
    ['a run that found the lease taken', 'window', closes({ outcome: 'leaseTaken' })],
    ['a run that lost its lease', 'window', closes({ outcome: 'fenced' })],
    ['the timers of a gate, whose windows tell it', 'window', fires(NOTHING_FIRED)],
  ] as const)('is not told by %s', (_, kind, run) => {
    run(createTelemetry({ id: 'a-job@1' as JobId, kind }));
    expect(valuesTold().flatMap((values) => Object.keys(values))).not.toContain('WatermarkLag');
  });
});
