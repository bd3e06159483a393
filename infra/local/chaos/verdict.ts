/** Compares all that a stack has come to with an undisturbed run of what its streams hold, and says what came out. */
import { valueText } from '../../../cli/output/valueText.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { buildWith } from '../../../shared/lambda/environment.ts';
import { addCounts, type Counts, NO_COUNTS, totalOf } from '../../../shared/model/counts.ts';
import { type LaneStatus, readLaneStatuses } from '../../../shared/state/inspect.ts';
import { physicalStreamName } from '../definitions.ts';
import { deployedFamilies } from '../deployedJobs.ts';
import type { ReplayInput } from '../replay.ts';
import { clientsOf } from '../servers.ts';
import type { Stack } from '../stack.ts';
import { compare, missingEvents, type Outcome } from './compare.ts';
import { type StreamContent, streamContent } from './streamContent.ts';
import { type Tally, tallyText } from './tally.ts';
import { type Contents, undisturbedRun } from './undisturbed.ts';

export interface Verdict {
  readonly rows: number;
  readonly tables: number;
  /** A line each; none where every row is right. */
  readonly differences: readonly string[];
}

/**
 * Once the input is processed and flushed, and while nothing else is put.
 * @param crashes of functions, a line each: rows may be right nevertheless, since what crashes is done again
 */
export async function verdictOn(
  stack: Stack,
  inputs: readonly ReplayInput[],
  crashes: readonly string[] = [],
): Promise<Verdict> {
  const jobs = jobsOf(stack);
  const contents = await contentsOf(stack, jobs);
  const sums = { rows: 0, tables: 0 };
  // What crashes comes again, and crashes again.
  const differences = [...new Set(crashes)];
  for (const [stream, own] of Map.groupBy(inputs, (input) => input.stream)) {
    const content = contents.get(stream) ?? [];
    for (const input of own) {
      differences.push(...(await missingEvents(stream, input.events(), content)));
    }
  }
  for (const job of jobs) {
    const { stats, tables } = await undisturbedRun(job, contents);
    const comparison = compare(job, await outcomeOf(job, stack), { counts: stats, tables });
    sums.rows += comparison.rows;
    sums.tables += comparison.tables;
    differences.push(...comparison.differences, ...idle(job, stats, contents));
  }
  return { ...sums, differences };
}

/** Two runs that did nothing are equal, too. */
function idle({ name, sources }: Job, counts: Counts, contents: Contents): string[] {
  const shards = sources.flatMap(({ stream }) => contents.get(stream) ?? []);
  const isIdle = totalOf(counts) === 0 && shards.some(({ records }) => records.length > 0);
  return isIdle ? [`${name}: counted nothing of what its streams hold`] : [];
}

/** With the parameters that the functions have. */
const jobsOf = ({ definitions }: Stack): Job[] =>
  deployedFamilies(definitions).map((family) => buildWith(process.env, family));

async function contentsOf(
  { definitions, endpoints }: Stack,
  jobs: readonly Job[],
): Promise<Contents> {
  const clients = clientsOf(endpoints, definitions.region);
  const contents = new Map<string, StreamContent>();
  try {
    for (const stream of new Set(jobs.flatMap(streamsOf))) {
      const name = physicalStreamName(definitions, stream);
      contents.set(stream, await streamContent(clients.kinesis, name));
    }
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
  return contents;
}

async function outcomeOf(job: Job, stack: Stack): Promise<Outcome> {
  const lanes = await readLaneStatuses(job.id, stack.table('state'));
  const tables = tablesOf(job).map(async ({ name }) => [name, await stack.rows(name)] as const);
  return {
    counts: lanes.map((lane) => countsIn(job, lane)).reduce(addCounts, NO_COUNTS),
    tables: new Map(await Promise.all(tables)),
  };
}

/** How often a batch was forwarded again is what was done to it here: nobody's events are counted by it. */
const countsIn = (job: Job, { lane, counts }: LaneStatus): Counts =>
  lane.stream === repartitionStreamOf(job) ? { ...counts, repeated: 0 } : counts;

export function verdictText(seed: number, tally: Tally, verdict: Verdict): string {
  const { rows, tables, differences } = verdict;
  const done = `Chaos with seed ${seed} ${tallyText(tally)}.`;
  if (differences.length === 0) {
    return `${done}\nEvery one of ${valueText(rows)} rows in ${tables} tables equals \`tidemark run\`.\n`;
  }
  return [done, 'Not as without chaos:', ...differences.map((each) => `  ${each}`), ''].join('\n');
}
