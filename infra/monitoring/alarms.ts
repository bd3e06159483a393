/** The alarms of a stage as CloudFormation resources, and the topic that they are sent to. */
import { physicalName } from '../../shared/lambda/contract.ts';
import type { Variables } from '../packaging/parameters.ts';
import { ALARM_TITLES, type Alarm, alarmName, alarmsOf } from './alarmList.ts';
import type { Statistic } from './signals.ts';
import { type MonitoredStage, readStage } from './stage.ts';

interface AlarmResource {
  readonly Type: 'AWS::CloudWatch::Alarm';
  readonly Properties: {
    readonly AlarmName: string;
    readonly AlarmDescription: string;
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    readonly Statistic: Statistic;
    readonly Period: number;
    readonly EvaluationPeriods: number;
    readonly DatapointsToAlarm: number;
    readonly Threshold: number;
    readonly ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
    readonly TreatMissingData: Alarm['missing'];
    readonly AlarmActions: readonly { readonly Ref: string }[];
    readonly OKActions: readonly { readonly Ref: string }[];
  };
}

/**
 * Not encrypted: with the key that SNS brings, alias/aws/sns, CloudWatch cannot publish. A message says no more than an
 * alarm's name and description. Its policy is SNS's own: whoever is of this account.
 */
interface TopicResource {
  readonly Type: 'AWS::SNS::Topic';
  readonly Properties: {
    readonly TopicName: string;
    readonly Subscription?: readonly { readonly Protocol: 'email'; readonly Endpoint: string }[];
  };
}

export interface AlarmTemplate {
  readonly Resources: Readonly<Record<string, AlarmResource | TopicResource>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

/** Called by osls, see infra/generated.js. */
export const alarms = async (variables: Variables): Promise<AlarmTemplate> =>
  alarmTemplate(await readStage(variables));

export const alarmTemplate = (stage: MonitoredStage): AlarmTemplate => ({
  Resources: {
    [TOPIC]: topicOf(stage),
    ...Object.fromEntries(
      alarmsOf(stage).map((alarm) => [logicalId(alarm), resourceOf(stage, alarm)]),
    ),
  },
  Outputs: {
    AlarmTopicArn: {
      Description: 'Where alarms are sent; subscribe to hear of them.',
      Value: { Ref: TOPIC },
    },
  },
});

const TOPIC = 'AlarmTopic';

const topicOf = ({ stage, alarmEmail }: MonitoredStage): TopicResource => ({
  Type: 'AWS::SNS::Topic',
  Properties: {
    TopicName: physicalName(stage, 'alarms'),
    ...(alarmEmail === undefined
      ? {}
      : { Subscription: [{ Protocol: 'email', Endpoint: alarmEmail }] }),
  },
});

function resourceOf({ stage }: MonitoredStage, alarm: Alarm): AlarmResource {
  const { kind, meaning, signal, fires, periodSeconds, datapoints, missing } = alarm;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(stage, alarm),
      AlarmDescription: `${meaning} See docs/operations.md, "${ALARM_TITLES[kind]}".`,
      Namespace: signal.namespace,
      MetricName: signal.metric,
      Dimensions: Object.entries(signal.dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: signal.statistic,
      Period: periodSeconds,
      EvaluationPeriods: datapoints.of,
      DatapointsToAlarm: datapoints.bad,
      Threshold: 'above' in fires ? fires.above : fires.below,
      ComparisonOperator: 'above' in fires ? 'GreaterThanThreshold' : 'LessThanThreshold',
      TreatMissingData: missing,
      AlarmActions: [{ Ref: TOPIC }],
      OKActions: [{ Ref: TOPIC }],
    },
  };
}

/** `HotItemsIteratorAgeAlarm`: letters and digits only. */
const logicalId = ({ kind, about = '' }: Alarm): string =>
  `${[...about.split(/[-@]/), ...kind.split('-')].map(capitalized).join('')}Alarm`;

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
