/** What functions tell CloudWatch: the metrics that they write to standard output in its embedded format. */
import { vi } from 'vitest';

export interface EmittedMetrics {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
  readonly units: Readonly<Record<string, string>>;
}

/** The variables by which functions tell metrics of this service, and nothing else. */
export function stubMetricsEnvironment(service: string): void {
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', service);
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', undefined);
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
}

/** What is told from now on; of a line with several sets of dimensions, one for each set. */
export function captureMetrics(): () => EmittedMetrics[] {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return () =>
    write.mock.calls
      .flatMap(([text]) => String(text).split('\n'))
      .filter((line) => line.includes('"_aws"'))
      .flatMap(metricsOf);
}

interface EmbeddedMetrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

function metricsOf(line: string): EmittedMetrics[] {
  const told = JSON.parse(line) as EmbeddedMetrics;
  return told._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.map((names) => ({
      namespace: Namespace,
      dimensions: Object.fromEntries(names.map((name) => [name, String(told[name])])),
      values: Object.fromEntries(Metrics.map(({ Name }) => [Name, numberIn(told, Name)])),
      units: Object.fromEntries(Metrics.map(({ Name, Unit }) => [Name, Unit])),
    })),
  );
}

/** CloudWatch takes numbers only; what JSON has no number for, such as infinity, is written as null. */
function numberIn(told: EmbeddedMetrics, name: string): number {
  const value = told[name];
  if (typeof value !== 'number') throw new Error(`${name} is told as ${JSON.stringify(value)}`);
  return value;
}
