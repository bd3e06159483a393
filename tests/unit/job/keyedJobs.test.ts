/** Declaring status, pattern and gated jobs, and jobs on several streams: what is refused, and what they write to. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { days, job, milliseconds, seconds, sequence } from '../../../shared/index.ts';
import { tablesOf } from '../../../shared/job/job.ts';
import { sourceOf, specOf, streamsOf } from '../../../shared/job/spec.ts';
import { problemsOf } from '../../../shared/job/statusJob.ts';
import { checkRetention, DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { untyped, visitsJob } from '../../support/jobs.ts';
import {
  bareHead,
  gatedJob,
  knocksJob,
  payments,
  type Signal,
  signal,
  signals,
  tasksJob,
} from '../../support/signals.ts';

const NO_TIMES = [0, -1, Number.NaN].map(milliseconds);

describe('the statuses of a status job', () => {
  it.each(['', '#', 'timed#out', 'timed out', '1st'])('may not be called "%s"', (name) => {
    const declaring = () => tasksJob({ statuses: { open: 'fine', [name]: 'problem' } });
    expect(declaring).toThrow(JobDefinitionError);
    expect(declaring).toThrow(`the status "${name}"`);
  });

  it('that are problems keep the order in which they are declared', () => {
    const statuses = { late: 'problem', open: 'fine', done: 'fine', early: 'problem' } as const;
    expect(problemsOf(tasksJob({ statuses }))).toEqual(['late', 'early']);
  });

  it('stand in an attribute that no key can have', () => {
    const table = { name: 'tasks', partitionKey: 'status' };
    expect(() => tasksJob({ table })).toThrow('cannot be status, which the engine writes itself');
  });
});

describe('a job on two streams', () => {
  const both = specOf({ ...bareHead, sources: { signal: signals, pay: payments } } as never);

  it('knows of each event which source it came from', () => {
    expect(streamsOf(both)).toEqual(['signals', 'payments']);
    const pay = sourceOf(both, 'payments');
    const parsed = pay?.parse({ tx: 't', paidAt: 7 });
    expect(parsed).toEqual({ event: { source: 'pay', event: { tx: 't', paidAt: 7 } } });
    if (!pay || !parsed || 'problem' in parsed) throw new Error('not parsed');
    expect([pay.eventTime(parsed.event), pay.partitionKey(parsed.event)]).toEqual([7, 't']);
    const tagged = sourceOf(both, 'signals')?.parse(signal('a', 'x', 0));
    expect(tagged).toMatchObject({ event: { source: 'signal', event: { key: 'a' } } });
  });

  it('says what is wrong with an event in the words of its own source', () => {
    const problem = { problem: expect.stringContaining('paidAt: ') };
    expect(sourceOf(both, 'payments')?.parse({ tx: 't' })).toEqual(problem);
    expect(sourceOf(both, 'other')).toBeUndefined();
  });

  it('may not read one stream twice, or none', () => {
    const twice = () => specOf({ ...bareHead, sources: { a: signals, b: signals } } as never);
    expect(twice).toThrow(JobDefinitionError);
    expect(twice).toThrow('reads a stream twice');
    expect(() => specOf({ ...bareHead, sources: {} })).toThrow('has no source');
  });

  it('has no order over both, so it cannot be a pattern or have a gate', () => {
    const tails = job({ ...bareHead, sources: { signal: signals, pay: payments } });
    const { gate, ...window } = gatedJob();
    const gated = () => tails.gate(gate as never).window(window as never);
    for (const declare of [() => tails.pattern(knocksJob() as never), gated]) {
      expect(declare).toThrow(JobDefinitionError);
      expect(declare).toThrow('goes by the order of one');
    }
    expect(() => tails.window(window as never)).not.toThrow();
  });
});

describe('a status job', () => {
  it.each(NO_TIMES)('may not forget after %d ms', (stateRetention) => {
    expect(() => tasksJob({ stateRetention })).toThrow(JobDefinitionError);
  });

  it.each([-1, Number.NaN])('may not wait for %d ms', (wait) => {
    expect(() => tasksJob({ waits: [seconds(60), milliseconds(wait)] })).toThrow(
      `one of its waits is ${wait} ms; give durations of 0 or more`,
    );
  });

  it('may not forget a key before its timers are due', () => {
    const waits = [days(5), days(40)];
    expect(() => tasksJob({ waits, stateRetention: days(40) })).toThrow(JobDefinitionError);
    expect(() => tasksJob({ waits, stateRetention: milliseconds(days(40) + 1) })).not.toThrow();
  });

  it.each(['engine', 'expiresAt', 'problem', 'problemAt'])(
    'may not have its rows named by %s, which the engine writes',
    (partitionKey) => {
      expect(() => tasksJob({ table: { name: 'tasks', partitionKey } })).toThrow(partitionKey);
    },
  );

  it.each(['status', 'problemAt', 'expiresAt'])('may not call %s personal', (name) => {
    const table = { name: 'tasks', partitionKey: 'task', personal: ['task', name] };
    expect(() => tasksJob({ table })).toThrow(`personal of tasks names "${name}"`);
  });

  it('has another shape with other waits alone', () => {
    const { shape } = tasksJob();
    expect(tasksJob({ waits: [seconds(61)] }).shape).not.toBe(shape);
    expect(tasksJob({ stateRetention: days(31), timers: () => [] }).shape).toBe(shape);
  });
});

describe('a pattern job', () => {
  it('may not forget before a match is complete', () => {
    const within = seconds(10);
    expect(() => knocksJob({ within, stateRetention: within })).toThrow(JobDefinitionError);
    const longer = milliseconds(within + 1);
    expect(() => knocksJob({ within, stateRetention: longer })).not.toThrow();
    for (const stateRetention of NO_TIMES) {
      expect(() => knocksJob({ stateRetention })).toThrow(JobDefinitionError);
    }
  });

  it('that reports time-outs needs a pattern that has them', () => {
    const { within: _within, ...endless } = knocksJob().match;
    expect(() => knocksJob({ match: endless as never })).toThrow('has no within');
  });

  it('has another shape with another pattern, not with another row', () => {
    const { shape, alerts } = knocksJob();
    expect(knocksJob({ within: seconds(11) }).shape).not.toBe(shape);
    expect(knocksJob({ alerts: { ...alerts, row: () => ({}) } }).shape).toBe(shape);
  });
});

describe('a gate', () => {
  it.each(NO_TIMES)('may not forget after %d ms', (stateRetention) => {
    expect(() => gatedJob({ stateRetention })).toThrow(JobDefinitionError);
  });

  it('is part of the shape', () => {
    const { gate: _gate, ...ungated } = gatedJob();
    expect(gatedJob().shape).not.toBe(
      job<Signal>({ ...ungated, source: signals, sources: undefined } as never).window(
        ungated as never,
      ).shape,
    );
  });
});

it('writes to the tables of its kind', () => {
  const names = (each: Parameters<typeof tablesOf>[0]) =>
    tablesOf(each).map(({ name, partitionKey, sortKey }) => [name, partitionKey, sortKey]);
  expect(names(untyped(visitsJob()))).toEqual([['visits', 'site', 'windowEnd']]);
  expect(names(gatedJob())).toEqual([
    ['counted', 'site', 'windowEnd'],
    ['blocked', 'key', 'id'],
  ]);
  expect(names(tasksJob())).toEqual([['tasks', 'task', undefined]]);
  expect(names(knocksJob())).toEqual([
    ['alarms', 'key', 'id'],
    ['given-up', 'key', 'id'],
  ]);
});

describe('retention', () => {
  const settings = { ...DEFAULT_SETTINGS, logRetention: days(14) };

  it.each([
    [days(7), 'kept'],
    [milliseconds(days(7) + 1), 'refused'],
  ])('of time-outs that wait %d ms is %s', (within, outcome) => {
    const check = () => checkRetention(knocksJob({ within, stateRetention: days(90) }), settings);
    if (outcome === 'kept') expect(check).not.toThrow();
    else expect(check).toThrow(JobDefinitionError);
  });

  it('is not asked of jobs that keep nothing in the log', () => {
    const endless = knocksJob({ within: days(80), stateRetention: days(90) });
    const { timedOut: _timedOut, ...silent } = endless;
    expect(() => checkRetention(silent, settings)).not.toThrow();
    const tasks = tasksJob({ waits: [days(29)] });
    expect(() => checkRetention(tasks, settings)).not.toThrow();
  });
});

describe('a declaration that lacks something, which nobody compiled', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a status job',
      () => tasksJob({ waits: undefined, merge: undefined } as never),
      'the status job tasks lacks merge, waits',
    ],
    [
      'a pattern',
      () => knocksJob({ stateRetention: undefined } as never),
      'the pattern job knocks lacks stateRetention',
    ],
    [
      'a window',
      () => job({ ...bareHead, source: payments }).window({ late: 'sideOutput' } as never),
      'the window of both lacks assign, allowedLateness, aggregate, table, result',
    ],
    [
      'a job',
      () => specOf({ name: 'both', version: 1, source: payments } as never),
      'the job both lacks maxOutOfOrderness, maxFutureSkew',
    ],
  ])('is refused with all that it lacks: %s', (_, declare, problem) => {
    expect(declare).toThrow(JobDefinitionError);
    expect(declare).toThrow(problem);
  });

  it('says of a pattern without an end how patterns end', () => {
    const match = sequence<Signal, 'knock'>('knock', () => true) as never;
    expect(() => knocksJob({ match })).toThrow(
      'knocks: its pattern has no end; write .within(…) or .unbounded() behind its last step',
    );
  });

  it.each(['maxOutOfOrderness', 'maxFutureSkew'])('names %s where that is no duration', (limit) => {
    expect(() => specOf({ ...bareHead, source: payments, [limit]: -5 } as never)).toThrow(
      `both: ${limit} is -5 ms; give a duration of 0 or more`,
    );
  });
});
