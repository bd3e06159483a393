/**
 * Generated events of all streams, in parts that are put one after the other, and what an in-process run makes of
 * the parts so far.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJob } from '../../cli/runJob.ts';
import { JOBS } from '../../functions/jobs.ts';
import { type InputEvent, readInput } from '../../inputs/readInput.ts';
import { type Job, type JobFamily, tablesOf } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { parameterVariable } from '../../shared/lambda/contract.ts';
import { buildWith } from '../../shared/lambda/environment.ts';
import type { Counts } from '../../shared/model/counts.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { comparable } from '../integration/rows.ts';
import { VARIABLES } from './parameters.ts';

/** Receipts are half as many as orders: then they are the receipts of these orders. */
export const SAMPLES: Readonly<Record<StreamName, number>> = {
  'user-behavior': 6_000,
  'page-views': 1_500,
  'app-marketing': 1_500,
  'ad-clicks': 2_400,
  logins: 2_400,
  orders: 1_500,
  receipts: 750,
};
export const STREAMS: readonly StreamName[] = Object.keys(SAMPLES);
export const SEED = 4;
export const PARTS = 3;

/**
 * Events of event-time ordered jobs that are this far behind are late whatever comes between, and nothing else may be
 * out of order over the end of a part: a pause in arrivals lets the watermark of such a job catch up (`idleAfter`).
 */
const DISORDER_MS_MAX = 3_000;
/** Of each stream; see `params` of serverless.yml. */
export const SHARDS = 2;

export const partFile = (folder: string, stream: StreamName, part: number): string =>
  join(folder, `${stream}.${part}.jsonl`);

/** Cuts what `tidemark generate` printed, in its order, into the files of the parts. */
export function writeParts(folder: string, stream: StreamName, generated: string): void {
  const lines = generated.trimEnd().split('\n');
  const times = lines.map(timeOf);
  let from = 0;
  for (let part = 1; part <= PARTS; part += 1) {
    const to = part === PARTS ? lines.length : quietPlace(times, (lines.length * part) / PARTS);
    writeFileSync(partFile(folder, stream, part), `${lines.slice(from, to).join('\n')}\n`);
    from = to;
  }
}

function timeOf(line: string): number | undefined {
  try {
    const { timestamp } = JSON.parse(line) as { timestamp?: unknown };
    // Malformed events have times in seconds, or as texts.
    return typeof timestamp === 'number' && timestamp > 1e12 ? timestamp : undefined;
  } catch {
    return undefined;
  }
}

/** The first place from `near` on where what follows is in order with what is before it, or far behind. */
function quietPlace(times: readonly (number | undefined)[], near: number): number {
  let latest = 0;
  for (const [index, time] of times.entries()) {
    const isOutOfOrder = (each = latest) => each < latest && each >= latest - DISORDER_MS_MAX;
    if (index >= near && !times.slice(index).some(isOutOfOrder)) return index;
    latest = Math.max(latest, time ?? 0);
  }
  throw new Error('there is no quiet place to end a part');
}

export interface Expected {
  readonly job: Job;
  readonly counts: Counts;
  /** By table; as texts that can be compared. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  /** Rows that may be there as well: where problems alone have rows, those of keys that were one while time went on between the parts. */
  readonly mayBe: ReadonlySet<string>;
}

/** What `tidemark run` computes, job by job, from the first parts. */
export const runInProcess = (folder: string, parts: number): Promise<Expected[]> =>
  expectedOf(
    (stream) => Array.from({ length: parts }, (_, before) => partFile(folder, stream, before + 1)),
    VARIABLES,
  );

/**
 * What `tidemark run` computes, job by job, from each stream's files.
 * @param variables that override parameters of the jobs
 */
export async function expectedOf(
  filesOf: (stream: StreamName) => readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Expected[]> {
  const expected: Expected[] = [];
  for (const family of JOBS) {
    const job = buildWith(variables, family);
    const inputs: (InputEvent & { stream: StreamName })[] = [];
    for (const stream of streamsOf(job)) {
      for (const file of filesOf(stream)) {
        for await (const event of readInput(stream, file, { timeUnit: 'ms' })) {
          inputs.push({ ...event, stream });
        }
      }
    }
    const { tables, stats } = await runJob(job, inputs, SETUP);
    const { accepted, filtered, late, dead } = stats;
    expected.push({
      job,
      counts: { accepted, filtered, late, dead },
      rows: new Map(tablesOf(job).map(({ name }) => [name, comparable(tables.get(name) ?? [])])),
      mayBe: new Set(hasProblemsOnly(job) ? await rowsOfAll(family, variables, inputs) : []),
    });
  }
  return expected;
}

const SETUP = { lanes: SHARDS, batch: 10_000, atEnd: 'flush' } as const;

const hasProblemsOnly = (job: Job): boolean => job.kind === 'status' && job.rows.of === 'problems';

async function rowsOfAll(
  family: JobFamily,
  variables: Readonly<Record<string, string>>,
  inputs: readonly (InputEvent & { stream: StreamName })[],
): Promise<string[]> {
  const { [parameterVariable(family.name, 'rows')]: _rows, ...others } = variables;
  return comparable((await runJob(buildWith(others, family), inputs, SETUP)).rows);
}

/** How many lines the file of a part has. */
export const sizeOf = (folder: string, stream: StreamName, part: number): number =>
  readFileSync(partFile(folder, stream, part), 'utf8')
    .trimEnd()
    .split('\n').length;
