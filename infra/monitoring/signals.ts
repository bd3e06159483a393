/** Series of figures in CloudWatch: the project's own metrics, and those of AWS that alarms and the dashboard use. */

import { physicalName } from '../../shared/lambda/contract.ts';
import {
  jobDimension,
  METRICS_NAMESPACE,
  type MetricDimensions,
  type MetricName,
} from '../../shared/lambda/metrics.ts';
import type { MonitoredFunction, MonitoredJob, MonitoredStage } from './stage.ts';

export type Statistic = 'Sum' | 'Average' | 'Maximum' | 'Minimum';

export interface Signal {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

export function jobSignal(
  { service }: MonitoredStage,
  { job }: MonitoredJob,
  metric: MetricName,
  statistic: Statistic,
): Signal {
  const dimensions: MetricDimensions = { service, job: jobDimension(job) };
  return { namespace: METRICS_NAMESPACE, metric, dimensions: { ...dimensions }, statistic };
}

export const functionSignal = (
  { physicalName: name }: MonitoredFunction,
  metric:
    | 'Invocations'
    | 'Errors'
    | 'Throttles'
    | 'Duration'
    | 'IteratorAge'
    | 'UrlRequestCount'
    | 'Url4xxCount'
    | 'Url5xxCount',
  statistic: Statistic,
): Signal => ({
  namespace: 'AWS/Lambda',
  metric,
  dimensions: { FunctionName: name },
  statistic,
});

export const streamSignal = (
  { stage }: MonitoredStage,
  stream: string,
  metric:
    | 'IncomingRecords'
    | 'WriteProvisionedThroughputExceeded'
    | 'ReadProvisionedThroughputExceeded',
): Signal => ({
  namespace: 'AWS/Kinesis',
  metric,
  dimensions: { StreamName: physicalName(stage, stream) },
  statistic: 'Sum',
});

/** How many records, or runs of them, Lambda gave up and nobody has looked at. */
export const undeliveredSignal = ({ stage }: MonitoredStage): Signal => ({
  namespace: 'AWS/SQS',
  metric: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: physicalName(stage, 'undelivered') },
  statistic: 'Maximum',
});
