/** The alarms of a stage: each asks for a metric that exists, and every job and function has its own. */
import { beforeAll, describe, expect, it } from 'vitest';
import { INGEST_JOBS, JOBS } from '../../../functions/jobs.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import {
  ALARM_TITLES,
  type Alarm,
  type AlarmKind,
  alarmName,
  alarmsOf,
} from '../../../infra/monitoring/alarmList.ts';
import { alarmTemplate } from '../../../infra/monitoring/alarms.ts';
import type { MonitoredStage } from '../../../infra/monitoring/stage.ts';
import type { JobId } from '../../../shared/model/lane.ts';
import { orderTimeoutPattern } from '../../support/orderTimeoutPattern.ts';
import { type PackagedTemplate, packagedTemplate } from '../../support/packagedTemplate.ts';
import { textOf } from '../../tidy/repository.ts';
import { exists, testStage, toldBy } from './monitoring.ts';

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Threshold: number;
}

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

function variablesOf({ Resources }: PackagedTemplate, id: string): Record<string, unknown> {
  const environment = Resources[id]?.Properties['Environment'];
  return { ...(environment as { Variables: object } | undefined)?.Variables };
}

describe('the packaged template of prod', () => {
  let template: PackagedTemplate;
  let alarms: AlarmProperties[];
  let prod: MonitoredStage;

  beforeAll(async () => {
    template = await packagedTemplate('prod');
    alarms = Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties as unknown as AlarmProperties);
    prod = await testStage({ environment: variablesOf(template, 'CloseWindowsLambdaFunction') });
  }, 60_000);

  it('has every alarm of the list, no other, and few enough for one widget', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(namesOf(prod).sort());
    expect(alarms).toHaveLength(65);
    expect(new Set(namesOf(prod)).size).toBe(65);
  });

  it('has alarms of metrics that its functions tell or that AWS has of its resources', () => {
    const told = toldBy(prod);
    const asked = alarms.map(({ Namespace, MetricName, Dimensions }) => ({
      namespace: Namespace,
      metric: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    }));
    expect(asked.filter((each) => !exists(each, told, template))).toEqual([]);
  });

  it('sends every alarm, and its end, to a topic that CloudWatch can publish to', () => {
    const actions = { AlarmActions: [{ Ref: 'AlarmTopic' }], OKActions: [{ Ref: 'AlarmTopic' }] };
    for (const alarm of alarms) expect(alarm).toMatchObject(actions);
    expect(template.Resources['AlarmTopic']).toEqual({
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'tidemark-prod-alarms' },
    });
    expect(template.Outputs).toHaveProperty('AlarmTopicArn');
  });
});

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

describe.each(Object.entries(INGEST_JOBS))('the function %s and its job', (folder, family) => {
  it('have each kind of alarm once', async () => {
    const stage = await testStage();
    const found = new Set([folder, family.build().id].flatMap((about) => kindsAbout(stage, about)));
    const ofWindows = ['expired-events', 'windows-refused'];
    expect([...found].sort()).toEqual(
      [
        ...['errors', 'throttles', 'iterator-age', 'records-expiring'],
        ...['dead-letters', 'watermark-lag'],
        ...(family.build().kind === 'window' ? ofWindows : []),
      ].sort(),
    );
  });
});

it.each(['closeWindows', 'fireTimers'])(
  '%s has an alarm for when it does not run',
  async (name) => {
    expect(kindsAbout(await testStage(), name).sort()).toEqual([
      'errors',
      'not-running',
      'throttles',
    ]);
  },
);

it('a job that is added gets its alarms, without further edits', async () => {
  const paidOrders = {
    name: orderTimeoutPattern.name,
    parameters: {},
    build: () => orderTimeoutPattern,
  };
  const before = namesOf(await testStage());
  const after = namesOf(await testStage({ more: { paidOrders } }));
  expect(after.filter((name) => !before.includes(name)).sort()).toEqual([
    'tidemark-test-order-timeout-pattern@1-dead-letters',
    'tidemark-test-order-timeout-pattern@1-watermark-lag',
    'tidemark-test-paidOrders-errors',
    'tidemark-test-paidOrders-iterator-age',
    'tidemark-test-paidOrders-records-expiring',
    'tidemark-test-paidOrders-throttles',
  ]);
});

it('a second version of a job has alarms of its own, beside the first', async () => {
  const second = {
    ...orderTimeout,
    build: () => ({ ...orderTimeout.build(), id: 'order-timeout@2' as JobId }),
  };
  const stage = await testStage({ more: { orderTimeoutV2: second } });
  expect(kindsAbout(stage, 'order-timeout@2')).toEqual(kindsAbout(stage, 'order-timeout@1'));
  const { Resources } = alarmTemplate(stage);
  expect(Resources).toHaveProperty('OrderTimeout1WatermarkLagAlarm');
  expect(Resources).toHaveProperty('OrderTimeout2WatermarkLagAlarm');
  expect(Object.keys(Resources)).toHaveLength(1 + 65 + 6);
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
    expect(await fires('watermark-lag', 'login-fail@1')).toEqual({ above: quiet(10) + 13_000 });
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

it('only what is told each minute is missed when it is not told', async () => {
  const missed = alarmsOf(await testStage()).filter(({ missing }) => missing === 'breaching');
  expect(new Set(missed.map(({ kind }) => kind))).toEqual(
    new Set(['not-running', 'watermark-lag']),
  );
  expect(missed).toHaveLength(JOBS.length + 2);
});

it('is a limit from above, but for what must happen', async () => {
  const { Resources } = alarmTemplate(await testStage());
  const propertiesOf = (id: string) => Resources[id]?.Properties;
  expect(propertiesOf('HotItemsErrorsAlarm')).toMatchObject({
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    Period: 300,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
  });
  expect(propertiesOf('CloseWindowsNotRunningAlarm')).toMatchObject({
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    Period: 300,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
  });
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
