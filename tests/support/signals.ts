/** One stream of small events, and a status, a pattern and a gate job on it, for tests of the engine. */
import * as z from 'zod';
import {
  countBy,
  days,
  type EventTime,
  epochMilliseconds,
  eventTime,
  job,
  later,
  minutes,
  seconds,
  sequence,
  tumbling,
} from '../../shared/index.ts';
import type { PatternJob, PatternTail } from '../../shared/job/patternJob.ts';
import { source } from '../../shared/job/source.ts';
import type { StatusJob, StatusTail } from '../../shared/job/statusJob.ts';
import type { Gate, WindowJob } from '../../shared/job/windowJob.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { Value } from '../../shared/ports/table.ts';

const signalSchema = z.object({
  key: z.string(),
  kind: z.string(),
  time: epochMilliseconds(),
  value: z.unknown().optional(),
});

export type Signal = z.output<typeof signalSchema>;

/** 2017-11-26T01:00:00Z, two hours before the test clock starts. */
export const T0 = 1_511_658_000_000;

/** A signal so many seconds after `T0`. */
export const signal = (key: string, kind: string, second: number, value?: unknown): Signal => ({
  key,
  kind,
  time: T0 + second * 1_000,
  ...(value === undefined ? {} : { value }),
});

/** Of the tasks below: one is opened, and one is done. */
export const open = (key: string, second: number): Signal => signal(key, 'open', second);
export const done = (key: string, second: number): Signal => signal(key, 'done', second);

export const at = (second: number): EventTime => eventTime(T0 + second * 1_000);

const signalSource = {
  schema: signalSchema,
  eventTime: (event: Signal) => event.time,
  partitionKey: (event: Signal) => event.key,
};

export const signals = source({ ...signalSource, stream: 'signals' });

/** A stream whose key is another one. */
export const payments = source({
  stream: 'payments',
  schema: z.object({ tx: z.string(), paidAt: epochMilliseconds() }),
  eventTime: (event) => event.paidAt,
  partitionKey: (event) => event.tx,
});

/** What every job says first, and nothing else. */
export const bareHead = {
  name: 'both',
  version: 1,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: seconds(0),
};

export interface HeadOverrides {
  readonly maxOutOfOrderness?: Duration;
  readonly filter?: (event: Signal) => boolean;
}

const headOf = (name: string, { maxOutOfOrderness, filter }: HeadOverrides) => ({
  name,
  version: 1,
  source: signals,
  maxOutOfOrderness: maxOutOfOrderness ?? seconds(0),
  maxFutureSkew: minutes(10),
  ...(filter ? { filter } : {}),
});

/** The earliest `open` and the earliest `done` of a key. */
type TaskState = { readonly open?: number; readonly done?: number };
export type TaskTail = StatusTail<Signal, TaskState>;

const earliest = (a: number | undefined, b: number): number => Math.min(a ?? b, b);
const WAIT = seconds(60);

/** A task is `done`, or `overdue` once 60 s have passed since it was opened; `open` until then. */
export function tasksJob(overrides: HeadOverrides & Partial<TaskTail> = {}): StatusJob {
  const { maxOutOfOrderness: _m, filter: _f, ...tail } = overrides;
  return job(headOf('tasks', overrides)).status<TaskState>({
    key: (event) => event.key,
    initial: {},
    merge: (state, { kind, time }) =>
      kind === 'open'
        ? { ...state, open: earliest(state.open, time) }
        : { ...state, done: earliest(state.done, time) },
    timers: ({ open, done }) =>
      open === undefined || done !== undefined ? [] : [later(eventTime(open), WAIT)],
    view({ open, done }, watermark) {
      if (done !== undefined) return { status: 'done', row: {} };
      const due = later(eventTime(open ?? 0), WAIT);
      return watermark < due
        ? { status: 'open', row: {} }
        : { status: 'overdue', at: due, row: {} };
    },
    statuses: { open: 'fine', done: 'fine', overdue: 'problem' },
    waits: [WAIT],
    stateRetention: days(30),
    table: { name: 'tasks', partitionKey: 'task' },
    ...tail,
  }) as unknown as StatusJob;
}

/** Of which problems alone have rows, and retentions are counted in milliseconds. */
export const problemsJob = (overrides: Partial<TaskTail> = {}): StatusJob =>
  tasksJob({
    rows: { of: 'problems', lateness: seconds(10), remember: seconds(30) },
    stateRetention: minutes(50),
    ...overrides,
  });

/** The same on two streams, so that the rows are those of the lanes of both. */
export function sharedTasksJob(overrides: HeadOverrides & Partial<TaskTail> = {}): StatusJob {
  const { key, merge, sources: _sources, filter: _filter, ...tail } = tasksJob(overrides);
  const { source: _source, filter, ...head } = headOf('tasks', overrides);
  return job({
    ...head,
    ...(filter ? { filter: ({ event }: { event: Signal }) => filter(event) } : {}),
    sources: { signals, echoes: source({ ...signalSource, stream: 'echoes' }) },
  }).status<Value>({
    ...tail,
    key: ({ event }) => key(event),
    merge: (state, { event }) => merge(state, event),
  }) as unknown as StatusJob;
}

/**
 * On two streams, too: a key that is done is a problem at once and for good, but it is forgotten as others are. Its row says of which events it
 * is made, a bit for every 10 seconds.
 */
export const sharedMarksJob = (overrides: HeadOverrides & Partial<TaskTail> = {}): StatusJob =>
  sharedTasksJob({
    rows: { of: 'problems', lateness: seconds(20), remember: seconds(40) },
    stateRetention: minutes(5),
    merge: (before, { kind, time }) => ({
      open: (before.open ?? 0) | (2 ** ((time - T0) / 10_000)),
      ...(kind === 'done' || before.done !== undefined ? { done: 1 } : {}),
    }),
    timers: () => [],
    view: ({ open: of = 0, done: marked }) =>
      marked === undefined
        ? { status: 'open', row: {} }
        : { status: 'overdue', at: eventTime(T0), row: { of } },
    ...overrides,
  });

const ALARMS = { name: 'alarms', partitionKey: 'key', sortKey: 'id' };
const GIVEN_UP = { name: 'given-up', partitionKey: 'key', sortKey: 'id' };

/** `knock` twice in less than 10 s is an alarm; one knock that stays alone is given up. */
export function knocksJob(
  overrides: HeadOverrides & Partial<PatternTail<Signal>> & { readonly within?: Duration } = {},
): PatternJob {
  const { maxOutOfOrderness: _m, filter: _f, within = seconds(10), ...tail } = overrides;
  return job(headOf('knocks', overrides)).pattern({
    key: (event) => event.key,
    match: sequence<Signal>('first', ({ kind }) => kind === 'knock')
      .followedBy('second', ({ kind }) => kind === 'knock')
      .within(within),
    alerts: {
      table: ALARMS,
      row: ({ events }, key) => ({ key, id: events.map((each) => second(each.at)).join('-') }),
    },
    timedOut: {
      table: GIVEN_UP,
      row: (found, key) => ({ key, id: `${second(found.events[0]?.at ?? 0)}@${second(found.at)}` }),
    },
    stateRetention: days(1),
    ...tail,
  }) as unknown as PatternJob;
}

const second = (time: number): number => (time - T0) / 1_000;

/** Counts signals per key and minute, but at most two of a key; the third is an alert. */
export function gatedJob(overrides: HeadOverrides & Partial<Gate<Signal, Value>> = {}): WindowJob {
  const { maxOutOfOrderness: _m, filter: _f, ...gate } = overrides;
  return job(headOf('gated', overrides))
    .gate<Value>({
      key: (event) => event.key,
      initial: 0,
      decidedBy: [2],
      decide(state, { key }) {
        const seen = Number(state) + 1;
        if (seen <= 2) return { verdict: 'pass', state: seen };
        const alerts = seen === 3 ? [{ key, id: 'blocked' }] : [];
        return { verdict: 'filter', state: seen, alerts };
      },
      stateRetention: days(1),
      table: { name: 'blocked', partitionKey: 'key', sortKey: 'id' },
      ...gate,
    })
    .window({
      assign: tumbling({ size: minutes(1) }),
      allowedLateness: seconds(0),
      late: 'sideOutput',
      aggregate: countBy((event) => event.key),
      table: { name: 'counted', partitionKey: 'site' },
      result: (totals) => [{ site: 'all', counts: Object.fromEntries(totals) }],
    }) as unknown as WindowJob;
}
