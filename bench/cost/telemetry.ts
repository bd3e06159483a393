/**
 * What the functions log and which metrics that makes, from the lines that they print: in a process of their own, because
 * loggers write past everything that could listen.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { JOBS } from '../../functions/jobs.ts';
import { hasWindows, isKeyed, needsFiring } from '../../shared/job/traits.ts';
import { createTelemetry } from '../../shared/lambda/telemetry.ts';
import { watermarkAt } from '../../shared/model/time.ts';

/** Begins the line before what one invocation prints. */
const HEADING = '--- ';
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

/** A line of CloudWatch's embedded metric format; other lines say nothing of metrics. */
interface LogLine {
  readonly [dimension: string]: unknown;
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** @param environment of the deployed functions */
export function measureTelemetry(environment: Readonly<Record<string, string>>): Telemetry {
  const child = [fileURLToPath(import.meta.url)];
  const { stdout, stderr, status } = spawnSync(process.execPath, child, {
    env: { PATH: process.env['PATH'], ...environment, AWS_LAMBDA_FUNCTION_NAME: 'function' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the functions' telemetry could not be printed: ${stderr}`);
  const bytes = new Map<string, number>();
  const metrics = new Set<string>();
  let invocation = '';
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    if (line.startsWith(HEADING)) {
      invocation = line.slice(HEADING.length);
      continue;
    }
    bytes.set(invocation, (bytes.get(invocation) ?? 0) + line.length + LINE_OVERHEAD_BYTES);
    for (const name of metricsIn(line)) metrics.add(name);
  }
  return { bytes, metrics: metrics.size };
}

function metricsIn(line: string): string[] {
  const { _aws, ...values } = JSON.parse(line) as LogLine;
  return (_aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((set) =>
      Metrics.map(({ Name }) => JSON.stringify([Namespace, Name, set.map((name) => values[name])])),
    ),
  );
}

/** In the child: one job and kind of invocation after the other. Figures have as many digits as a busy lane's. */
function print(): void {
  const units = { read: 123.5, write: 1_234 };
  /** So far behind that the lag has the same digits however long this takes. */
  const watermark = watermarkAt((Math.floor(Date.now() / 1_000) - 50) * 1_000);
  const counts = { accepted: 12_345, filtered: 1_234, late: 12, dead: 1 };
  const ingested = { commits: 1, counts, watermark, commitBytes: 12_345 };
  const closed = {
    ...({ outcome: 'closed', watermark, windowsClosed: 1, rowsWritten: 12 } as const),
    ...{ commitsRead: 123, expired: 0, windowsRefused: 0, hasMore: false },
  };
  const fired = {
    ...({ outcome: 'fired', watermark, sheetsRead: 12, sheetsDeleted: 12 } as const),
    ...{ timersDue: 1_234, rowsWritten: 123, lanesAdvanced: 0, hasMore: false },
  };
  for (const { usual: job } of JOBS) {
    const telemetry = createTelemetry(job);
    console.log(`${HEADING}${job.name}/ingest`);
    telemetry.ingested(
      isKeyed(job) ? { ...ingested, keyedStoreBytes: 123_456_789 } : ingested,
      units,
    );
    if (hasWindows(job)) {
      console.log(`${HEADING}${job.name}/close`);
      telemetry.closed(closed, units, 'schedule');
    }
    if (!needsFiring(job)) continue;
    console.log(`${HEADING}${job.name}/fire`);
    telemetry.fired(fired, units, 'schedule');
  }
}

if (import.meta.main) print();
