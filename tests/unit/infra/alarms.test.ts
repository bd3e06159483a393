/** The alarms of a stage: every job and function has its own, and what each takes for trouble. */
import { describe, expect, it } from 'vitest';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { ingestFunctionsOf } from '../../../infra/ingestFunctions.ts';
import {
  ALARM_TITLES,
  type Alarm,
  type AlarmKind,
  alarmName,
  alarmsOf,
} from '../../../infra/monitoring/alarmList.ts';
import { alarmTemplate } from '../../../infra/monitoring/alarms.ts';
import type { MonitoredStage } from '../../../infra/monitoring/stage.ts';
import { isKeyed, scheduledFunctionsOf } from '../../../shared/job/traits.ts';
import type { JobId } from '../../../shared/model/lane.ts';
import { orderTimeoutPattern } from '../../support/orderTimeoutPattern.ts';
import { textOf } from '../../tidy/repository.ts';
import { testStage } from './monitoring.ts';

const kinds = Object.keys(ALARM_TITLES) as AlarmKind[];
const namesOf = (stage: MonitoredStage) =>
  alarmsOf(stage).map((alarm) => alarmName(stage.stage, alarm));
const kindsAbout = (stage: MonitoredStage, about: string) =>
  alarmsOf(stage).flatMap((alarm) => (alarm.about === about ? [alarm.kind] : []));
async function fires(
  kind: AlarmKind,
  about: string,
  options = {},
): Promise<Alarm['fires'] | undefined> {
  const alarms = alarmsOf(await testStage(options));
  return alarms.find((alarm) => alarm.kind === kind && alarm.about === about)?.fires;
}

describe('every alarm', () => {
  it('is described in docs/operations.md under the title that its description names', async () => {
    const section = /^## Alarms$([\s\S]*?)^## /m.exec(textOf('docs/operations.md'))?.[1] ?? '';
    const headings = [...section.matchAll(/^### (.*)$/gm)].map(([, title]) => title);
    const { Resources } = alarmTemplate(await testStage());
    const titles = Object.values(Resources).flatMap(({ Properties }) =>
      'AlarmDescription' in Properties
        ? [/docs\/operations\.md, "(.*)"\.$/.exec(Properties.AlarmDescription)?.[1]]
        : [],
    );
    expect([...new Set(titles)].sort()).toEqual(Object.values(ALARM_TITLES).sort());
    expect(headings).toEqual(Object.values(ALARM_TITLES));
  });

  it('has a line in the table of docs/operations.md', () => {
    const lines = [...textOf('docs/operations.md').matchAll(/^\| `…-([a-z-]+)` \|/gm)];
    expect(lines.map(([, kind]) => kind)).toEqual(kinds);
  });

  it('has a name and a description that CloudWatch takes', async () => {
    const { Resources } = alarmTemplate(await testStage());
    for (const [id, { Properties }] of Object.entries(Resources)) {
      expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
      if (!('AlarmName' in Properties)) continue;
      expect(Properties.AlarmName).toMatch(/^tidemark-test-[\x21-\x7e]{1,200}$/);
      expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1_024);
    }
  });
});

it('each have a name of their own, and there are so many of each job', async () => {
  const entries = Object.entries(INGEST_JOBS);
  const jobs = entries.map(([, family]) => family.build());
  const windows = jobs.filter(({ kind }) => kind === 'window');
  const runs = jobs.flatMap(scheduledFunctionsOf);
  const keyed = jobs.filter(isKeyed);
  const ingesting = entries.flatMap(([name, { usual }]) => ingestFunctionsOf(name, usual));
  // Two of each job, two more of its windows, one of its keys, one for who runs for it; four of each function that ingests, two of each
  // scheduled one and of the API, one of the queue.
  const ofJobs = 2 * jobs.length + 2 * windows.length + keyed.length + runs.length;
  const expected = ofJobs + 4 * ingesting.length + 2 * 2 + 2 + 1;
  const names = namesOf(await testStage());
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(expected);
});

describe.each(Object.entries(INGEST_JOBS))('the function %s and its job', (folder, family) => {
  it('have each kind of alarm once', async () => {
    const stage = await testStage();
    const { id } = family.usual;
    const runs = scheduledFunctionsOf(family.usual).map((name) => `${id}-${name}`);
    const found = [folder, id, ...runs].flatMap((about) => kindsAbout(stage, about));
    const ofWindows = ['expired-events', 'windows-refused'];
    expect(found.sort()).toEqual(
      [
        ...runs.map(() => 'runs-failing'),
        ...['errors', 'throttles', 'iterator-age', 'records-expiring'],
        ...['dead-letters', 'watermark-lag'],
        ...(family.build().kind === 'window' ? ofWindows : []),
        ...(isKeyed(family.build()) ? ['keyed-store'] : []),
      ].sort(),
    );
  });
});

it.each(['closeWindows', 'fireTimers'])('%s has alarms that concern all its jobs', async (name) => {
  expect(kindsAbout(await testStage(), name).sort()).toEqual(['errors', 'throttles']);
});

it('the API has alarms of what those who ask are told', async () => {
  const alarms = alarmsOf(await testStage()).filter(({ about }) => about === 'api');
  expect(alarms.map(({ kind, signal }) => [kind, signal.metric])).toEqual([
    ['errors', 'Url5xxCount'],
    ['throttles', 'Throttles'],
  ]);
});

describe('the runs of a job', () => {
  const stateOf = async (about: string, told: readonly (readonly number[])[]) => {
    const alarm = alarmsOf(await testStage()).find(
      (each) => each.kind === 'runs-failing' && each.about === about,
    );
    if (!alarm || !('below' in alarm.fires)) throw new Error(`no alarm about the runs of ${about}`);
    const { fires, missing, signal, datapoints } = alarm;
    const bad = told.filter((values) =>
      values.length === 0
        ? missing === 'breaching'
        : signal.statistic === 'Minimum' && Math.min(...values) < fires.below,
    );
    return bad.length >= datapoints.bad ? 'alarm' : 'ok';
  };

  it.each([
    [
      'ok',
      'were good',
      [
        [1, 1, 1],
        [1, 1],
      ],
    ],
    [
      'ok',
      'failed and mended themselves',
      [
        [1, 0, 1],
        [1, 1],
      ],
    ],
    [
      'alarm',
      'failed, now and then or always',
      [
        [1, 0, 1],
        [0, 0],
      ],
    ],
    ['alarm', 'were killed, or were not there', [[], []]],
    ['alarm', 'failed, and then told nothing', [[0, 0], []]],
  ] as const)('are %s where those of ten minutes %s', async (state, _, told) => {
    expect(await stateOf('hot-items@1-closeWindows', told)).toBe(state);
  });

  it('have an alarm for each function that runs for it, by its own metric', async () => {
    const metrics = alarmsOf(await testStage()).flatMap(({ kind, about = '', signal }) =>
      kind === 'runs-failing' && about.startsWith('ad-blacklist@2-')
        ? [[about, signal.metric, signal.dimensions['job']]]
        : [],
    );
    expect(metrics).toEqual([
      ['ad-blacklist@2-closeWindows', 'ClosingRuns', 'ad-blacklist@2'],
      ['ad-blacklist@2-fireTimers', 'TimerRuns', 'ad-blacklist@2'],
    ]);
  });
});

it('a job that is added gets its alarms, without further edits', async () => {
  const paidOrders = {
    name: orderTimeoutPattern.name,
    usual: orderTimeoutPattern,
    parameters: {},
    build: () => orderTimeoutPattern,
  };
  const before = namesOf(await testStage());
  const after = namesOf(await testStage({ more: { paidOrders } }));
  expect(after.filter((name) => !before.includes(name)).sort()).toEqual([
    'tidemark-test-order-timeout-pattern@1-dead-letters',
    'tidemark-test-order-timeout-pattern@1-fireTimers-runs-failing',
    'tidemark-test-order-timeout-pattern@1-keyed-store',
    'tidemark-test-order-timeout-pattern@1-watermark-lag',
    'tidemark-test-paidOrders-errors',
    'tidemark-test-paidOrders-iterator-age',
    'tidemark-test-paidOrders-records-expiring',
    'tidemark-test-paidOrders-throttles',
  ]);
});

it('a second version of a job has alarms of its own, beside the first', async () => {
  const usual = { ...orderTimeout.usual, id: 'order-timeout@99' as JobId };
  const second = { ...orderTimeout, usual, build: () => usual };
  const stage = await testStage({ more: { orderTimeoutV99: second } });
  expect(kindsAbout(stage, 'order-timeout@99')).toEqual(kindsAbout(stage, 'order-timeout@2'));
  const { Resources } = alarmTemplate(stage);
  expect(Resources).toHaveProperty('OrderTimeout2WatermarkLagAlarm');
  expect(Resources).toHaveProperty('OrderTimeout99WatermarkLagAlarm');
  const { length: before } = alarmsOf(await testStage());
  expect(Object.keys(Resources)).toHaveLength(1 + before + 8);
});

describe('thresholds', () => {
  it('of the iterator age leave a batch the time to fill', async () => {
    expect(await fires('iterator-age', 'hotItems')).toEqual({ above: 310_000 });
    const parameters = { 'param:batchWindowSeconds': '300' };
    expect(await fires('iterator-age', 'hotItems', { parameters })).toEqual({ above: 600_000 });
  });

  it('of records about to expire are a quarter of what the streams keep', async () => {
    expect(await fires('records-expiring', 'pvuv')).toEqual({ above: 6 * 3_600_000 });
    const parameters = { 'param:streamRetentionHours': '168' };
    expect(await fires('records-expiring', 'pvuv', { parameters })).toEqual({
      above: 42 * 3_600_000,
    });
  });

  it('of the watermark lag are above what a quiet stream reaches', async () => {
    const quiet = (minutes: number) => minutes * 60_000;
    expect(await fires('watermark-lag', 'hot-items@1')).toEqual({ above: quiet(10) + 10_000 });
    // Its watermark trails by an out-of-orderness of 3 s.
    expect(await fires('watermark-lag', 'login-fail@2')).toEqual({ above: quiet(10) + 13_000 });
    const late = { environment: { TIDEMARK_FLUSH_AFTER: '1h' } };
    expect(await fires('watermark-lag', 'hot-items@1', late)).toEqual({
      above: quiet(65) + 10_000,
    });
    const idle = { environment: { TIDEMARK_IDLE_AFTER: '20min' } };
    expect(await fires('watermark-lag', 'hot-items@1', idle)).toEqual({
      above: quiet(25) + 10_000,
    });
  });

  it('of the watermark lag follow a parameter of the job that the deployment sets', async () => {
    const environment = { TIDEMARK_HOT_ITEMS_OUT_OF_ORDERNESS: '2min' };
    const lag = { above: 12 * 60_000 + 10_000 };
    expect(await fires('watermark-lag', 'hot-items@1', { environment })).toEqual(lag);
  });

  it('of the watermark lag do not exist where nothing is ever flushed', async () => {
    const environment = { TIDEMARK_FLUSH_AFTER: 'never' };
    expect(await fires('watermark-lag', 'hot-items@1', { environment })).toBeUndefined();
    expect(await fires('dead-letters', 'hot-items@1', { environment })).toEqual({ above: 0 });
  });
});

/** What is trouble, by kind; thresholds are those of the job hot-items@1 and its function. */
const TROUBLE = {
  'iterator-age': ['> 310000', '2 of 2 x 300 s', 'ignore'],
  'records-expiring': ['> 21600000', '1 of 1 x 300 s', 'ignore'],
  errors: ['> 0', '2 of 2 x 300 s', 'notBreaching'],
  throttles: ['> 0', '2 of 2 x 300 s', 'notBreaching'],
  'runs-failing': ['< 1', '2 of 2 x 300 s', 'breaching'],
  'watermark-lag': ['> 610000', '5 of 5 x 60 s', 'ignore'],
  'dead-letters': ['> 0', '1 of 1 x 300 s', 'notBreaching'],
  'expired-events': ['> 0', '1 of 1 x 300 s', 'notBreaching'],
  'windows-refused': ['> 0', '1 of 1 x 300 s', 'notBreaching'],
  'keyed-store': ['> 201326592', '2 of 2 x 300 s', 'ignore'],
  'undelivered-records': ['> 0', '1 of 1 x 300 s', 'notBreaching'],
} as const satisfies Record<AlarmKind, readonly string[]>;
const COMPARISONS = { GreaterThanThreshold: '>', LessThanThreshold: '<' };
/** Where each job has a threshold of its own. */
const ABOUT: Partial<Record<AlarmKind, string>> = { 'watermark-lag': 'hot-items@1' };

it.each(kinds)('alarms of the kind %s take for trouble what the table says', async (kind) => {
  const { Resources } = alarmTemplate(await testStage());
  const found = Object.values(Resources).flatMap(({ Properties: each }) => {
    if (!('AlarmName' in each) || !each.AlarmName.endsWith(`${ABOUT[kind] ?? ''}-${kind}`)) {
      return [];
    }
    const { ComparisonOperator, Threshold, DatapointsToAlarm, EvaluationPeriods, Period } = each;
    return [
      [
        `${COMPARISONS[ComparisonOperator]} ${Threshold}`,
        `${DatapointsToAlarm} of ${EvaluationPeriods} x ${Period} s`,
        each.TreatMissingData,
      ],
    ];
  });
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(each).toEqual(TROUBLE[kind]);
});

describe('the topic', () => {
  const topicFor = async (alarmEmail: string) => {
    const stage = await testStage({ parameters: { 'param:alarmEmail': alarmEmail } });
    return alarmTemplate(stage).Resources['AlarmTopic']?.Properties;
  };

  it('sends mail to the address of the deployment', async () => {
    expect(await topicFor('ops@example.org')).toEqual({
      TopicName: 'tidemark-test-alarms',
      Subscription: [{ Protocol: 'email', Endpoint: 'ops@example.org' }],
    });
  });

  it('sends no mail without an address', async () => {
    expect(await topicFor('')).toEqual({ TopicName: 'tidemark-test-alarms' });
  });
});
