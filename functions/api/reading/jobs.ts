/** How the jobs are, in the form of the contract: the same facts and findings as `tidemark status` prints. */
import { type JobFacts, readFacts } from '../../../shared/health/facts.ts';
import { assess, isPast, type Look, lagOf } from '../../../shared/health/findings.ts';
import { tablesOf } from '../../../shared/job/job.ts';
import type { Counts } from '../../../shared/model/counts.ts';
import {
  isoTime,
  latest,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../../../shared/model/time.ts';
import type { ApiContext } from '../context.ts';
import type { JobAnswer, JobsAnswer } from '../contract/answers.ts';
import type { ApiJob } from '../tables.ts';

export async function readJobs(context: ApiContext): Promise<JobsAnswer> {
  const { state, settings, batchWindow, stage } = context;
  const now = context.clock.now();
  const jobs = await Promise.all(
    context.jobs.map(async (each) => {
      const facts = await readFacts({ ...each, state, settings, batchWindow, now });
      return answerOf(each, facts, { now, stage });
    }),
  );
  return { at: isoTime(now), jobs };
}

function answerOf({ name, job }: ApiJob, facts: JobFacts, look: Look): JobAnswer {
  const { progress, lanes: recently } = facts;
  const lag = lagOf(facts, look.now);
  const retired = progress.lanes.filter(({ standing }) => standing === 'retired').length;
  return {
    name,
    id: job.id,
    kind: job.kind,
    tables: tablesOf(job).map((table) => table.name),
    watermark: timeOrNull(progress.watermark),
    watermarkBy: progress.watermarkBy,
    lagSeconds: lag === undefined ? null : lag / MS_PER_SECOND,
    lanes: { listed: progress.lanes.length - retired, retired },
    counts: countsOf(progress.counts),
    expired: progress.expired,
    recent: countsOf(recently.counts),
    eventsPerSecond: recently.eventsPerSecond,
    lastCommitAt: lastOf([...facts.lastCommits.values()]),
    lastError: lastErrorOf(facts, look.now),
    findings: [...assess(facts, look)],
  };
}

const MS_PER_SECOND = 1_000;

const timeOrNull = (watermark: Watermark): string | null =>
  watermark === NO_WATERMARK ? null : isoTime(watermark);

const lastOf = (times: readonly ProcessingTime[]): string | null => {
  const [first, ...others] = times;
  return first === undefined ? null : isoTime(others.reduce(latest, first));
};

const countsOf = ({ accepted, filtered, late, dead }: Counts): JobAnswer['counts'] => ({
  accepted,
  filtered,
  late,
  dead,
});

function lastErrorOf(facts: JobFacts, now: ProcessingTime): JobAnswer['lastError'] {
  const last = facts.failures.toSorted((a, b) => b.at - a.at)[0];
  if (last === undefined) return null;
  const { by, at, error, message, lane } = last;
  return {
    by,
    at: isoTime(at),
    error,
    message,
    ...(lane === undefined ? {} : { lane }),
    isPast: isPast(last, facts, now),
  };
}
