/** Alarms and dashboard as they are packaged for prod: they ask for metrics of what is deployed with them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { alarmName, alarmsOf } from '../../../infra/monitoring/alarmList.ts';
import type { MonitoredStage } from '../../../infra/monitoring/stage.ts';
import { type PackagedTemplate, packagedTemplate } from '../../support/packagedTemplate.ts';
import { exists, testStage, toldBy } from './monitoring.ts';

interface AlarmProperties {
  readonly AlarmName: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

let template: PackagedTemplate;
let alarms: AlarmProperties[];
let prod: MonitoredStage;

beforeAll(async () => {
  template = await packagedTemplate('prod');
  alarms = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties as unknown as AlarmProperties);
  prod = await testStage({ environment: variablesOf('CloseWindowsLambdaFunction') });
}, 60_000);

function variablesOf(id: string): Record<string, unknown> {
  const environment = template.Resources[id]?.Properties['Environment'];
  return { ...(environment as { Variables: object } | undefined)?.Variables };
}

describe('alarms', () => {
  it('are those of the list, and no others', () => {
    const names = alarmsOf(prod).map((alarm) => alarmName('prod', alarm));
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(names.sort());
  });

  it('are of metrics that functions tell or that AWS has of the resources', () => {
    const told = toldBy(prod);
    const asked = alarms.map(({ Namespace, MetricName, Dimensions }) => ({
      namespace: Namespace,
      metric: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    }));
    expect(asked.filter((each) => !exists(each, told, template))).toEqual([]);
  });

  it('are sent, and their end too, to a topic that CloudWatch can publish to', () => {
    const actions = { AlarmActions: [{ Ref: 'AlarmTopic' }], OKActions: [{ Ref: 'AlarmTopic' }] };
    for (const alarm of alarms) expect(alarm).toMatchObject(actions);
    expect(template.Resources['AlarmTopic']).toEqual({
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'tidemark-prod-alarms' },
    });
    expect(template.Outputs).toHaveProperty('AlarmTopicArn');
  });
});

it('the dashboard shows metrics that functions tell or that AWS has of the resources', () => {
  const told = toldBy(prod);
  const asked = linesOfDashboard().map(([namespace = '', metric = '', ...dimensions]) => ({
    namespace,
    metric,
    dimensions: Object.fromEntries(
      dimensions.flatMap((name, i) => (i % 2 === 0 ? [[name, dimensions[i + 1] ?? '']] : [])),
    ),
  }));
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((each) => !exists(each, told, template))).toEqual([]);
});

/** `[namespace, metric, dimension, value, …]` of every line of every graph. */
function linesOfDashboard(): string[][] {
  const body = template.Resources['Dashboard']?.Properties['DashboardBody'];
  const { widgets } = JSON.parse((body as { 'Fn::Sub': string })['Fn::Sub']) as {
    widgets: { properties: { metrics?: (string | object)[][] } }[];
  };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.map((line) => line.filter((part) => typeof part === 'string')),
  );
}
