/**
 * How the jobs are, in the form of the contract: the same facts and findings as `tidemark status` prints.
 *
 * 1. A job whose state cannot be read is said to be so, and hides no other one.
 * 2. What a function said of its failure may hold text of events: where personal data get pseudonyms, it is left to the command.
 */
import { RetryableError } from '../../../shared/errors.ts';
import { type JobFacts, readFacts, unknownFacts } from '../../../shared/health/facts.ts';
import { assess, isPast, type Look, lagOf, unreadable } from '../../../shared/health/findings.ts';
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
  const read = async (each: ApiJob): Promise<JobAnswer> => {
    const facts = await readFacts({ ...each, state, settings, batchWindow, now });
    return answerOf(each, tellable(facts, context), { now, stage });
  };
  const jobs = await Promise.all(
    context.jobs.map((each) =>
      read(each).catch((error) => unreadableAnswer(each, error, context, now)),
    ),
  );
  return { at: isoTime(now), jobs };
}

/** Tables that do not answer do so in a moment: that says nothing of the job. */
function unreadableAnswer(
  each: ApiJob,
  error: unknown,
  context: ApiContext,
  now: ProcessingTime,
): JobAnswer {
  if (error instanceof RetryableError) throw error;
  context.onFailure(error);
  const answer = answerOf(each, unknownFacts(each), { now, stage: context.stage });
  return { ...answer, isUnreadable: true, findings: [unreadable(error)] };
}

function tellable(facts: JobFacts, { view, stage }: ApiContext): JobFacts {
  if (!view.hidesPersons) return facts;
  const message = `what it says may name somebody: tidemark status ${facts.name} --stage ${stage} shows it`;
  return { ...facts, failures: facts.failures.map((failure) => ({ ...failure, message })) };
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

/** As they are in lanes, but for what is misplaced, which is among the filtered. */
function countsOf({ misplaced: _among, ...counts }: Counts): JobAnswer['counts'] {
  return counts;
}

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
