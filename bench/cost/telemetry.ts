/**
 * What the functions log and which metrics that makes, from the lines that they print: in a process of their own, because
 * loggers write past everything that could listen.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** Begins the line before what one invocation prints. */
export const HEADING = '--- ';

const CHILD = fileURLToPath(new URL('telemetryChild.ts', import.meta.url));
/** CloudWatch bills so much more for each line. */
const LINE_OVERHEAD_BYTES = 26;
/** Lambda's own START, END and REPORT. */
export const PLATFORM_BYTES = 400;

export interface Telemetry {
  /** Of one invocation for one job, without Lambda's own lines: `hot-items/ingest`. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Custom metrics: names with all values of their dimensions. */
  readonly metrics: number;
}

const EMF = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** @param environment of the deployed functions */
export function measureTelemetry(environment: Readonly<Record<string, string>>): Telemetry {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD], {
    env: { PATH: process.env['PATH'], ...environment, AWS_LAMBDA_FUNCTION_NAME: 'function' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the functions' telemetry could not be printed: ${stderr}`);
  const bytes = new Map<string, number>();
  const metrics = new Set<string>();
  let invocation = '';
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    if (line.startsWith(HEADING)) {
      invocation = (JSON.parse(line.slice(HEADING.length)) as string[]).join('/');
      continue;
    }
    bytes.set(invocation, (bytes.get(invocation) ?? 0) + line.length + LINE_OVERHEAD_BYTES);
    for (const name of metricsIn(line)) metrics.add(name);
  }
  return { bytes, metrics: metrics.size };
}

function metricsIn(line: string): string[] {
  const parsed = EMF.safeParse(JSON.parse(line));
  if (!parsed.success) return [];
  const { _aws, ...values } = parsed.data;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((set) =>
      Metrics.map(({ Name }) => JSON.stringify([Namespace, Name, set.map((name) => values[name])])),
    ),
  );
}
