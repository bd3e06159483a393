/**
 * What of a job needs somebody, decided from what was read of it: facts in, findings out, the most urgent first.
 *
 * 1. A finding is of now, or of the last minutes: what is over needs nobody, and is shown as past.
 * 2. A finding has one thing to do: a command, or a part of docs/operations.md.
 */

import { NewerFormatError } from '../errors.ts';
import { LOCAL_STAGE } from '../lambda/contract.ts';
import { counted } from '../model/counted.ts';
import { totalOf } from '../model/counts.ts';
import { durationText } from '../model/durationText.ts';
import {
  type Duration,
  earliest,
  isAfter,
  milliseconds,
  NO_WATERMARK,
  type ProcessingTime,
  since,
  type Watermark,
} from '../model/time.ts';
import { hasClosed } from '../model/window.ts';
import { BACKLOG_COMMITS_MAX } from '../runtime/closing/planClosing.ts';
import type { Failure } from '../state/failures.ts';
import { type JobFacts, RECENT, type Recently, type UnmergedCommit } from './facts.ts';

export interface Finding {
  readonly kind: 'unreadable' | 'failing' | 'standing' | 'behind' | 'dead' | 'late';
  /** Whether somebody has to look, or to know. */
  readonly urgency: 'attention' | 'note';
  /** In a line. May hold text of an error. */
  readonly what: string;
  /** A command, or a part of a page. */
  readonly todo: string;
}

/** When and where somebody looks. */
export interface Look {
  readonly now: ProcessingTime;
  readonly stage: string;
}

/** Of recent events, in parts of one. */
const LATE_SHARE_MAX = 0.01;
/** Of fewer late events a share says little. */
const LATE_MIN = 10;

export const assess = (facts: JobFacts, look: Look): readonly Finding[] => [
  ...failing(facts, look),
  ...standing(facts, look),
  ...behind(facts, look),
  ...deadLetters(facts, look),
  ...lateEvents(facts, look),
];

/** All that is found of a job whose state cannot be read. What an error that nobody expected says is for logs. */
export function unreadable(error: unknown): Finding {
  const isNewer = error instanceof NewerFormatError;
  return {
    kind: 'unreadable',
    urgency: 'attention',
    what: isNewer ? `cannot be read: ${error.message}` : 'cannot be read, and the log says why',
    todo: operations(isNewer ? 'going-back-to-earlier-code' : 'errors'),
  };
}

export const needsAttention = (findings: readonly Finding[]): boolean =>
  findings.some(({ urgency }) => urgency === 'attention');

/** How far the watermark is behind the clock; undefined before a job's first valid event. */
export const lagOf = ({ progress }: Pick<JobFacts, 'progress'>, now: ProcessingTime) =>
  progress.watermark === NO_WATERMARK ? undefined : behindClock(progress.watermark, now);

const behindClock = (watermark: Watermark, now: ProcessingTime): Duration =>
  milliseconds(Math.max(0, now - watermark));

/**
 * A scheduled function that keeps failing notes it each minute. A lane that keeps failing may do so ever more seldom, as
 * Lambda's tries do, but commits nothing meanwhile.
 */
export function isPast(
  { by, at, lane }: Failure,
  { lastCommits }: Pick<JobFacts, 'lastCommits'>,
  now: ProcessingTime,
): boolean {
  if (since(at, now) < RECENT) return false;
  if (by !== 'ingest' || lane === undefined) return true;
  const lastCommit = lastCommits.get(lane);
  return lastCommit !== undefined && !isAfter(at, lastCommit);
}

const failing = (facts: JobFacts, { now }: Look): Finding[] =>
  facts.failures
    .filter((failure) => !isPast(failure, facts, now))
    .map((failure) => ({
      kind: 'failing',
      urgency: 'attention',
      what: failureText(failure, now),
      todo: operations('errors'),
    }));

/** `ingest of user-behavior/shardId-000000000000 failed 3 s ago: RetryableError: …`. */
export function failureText(
  { by, at, error, message, lane }: Failure,
  now: ProcessingTime,
): string {
  const what = lane === undefined ? by : `${by} of ${lane}`;
  return `${what} failed ${durationText(since(at, now))} ago: ${error}: ${message}`;
}

/** A scheduled function has not done what it would have by now, whether or not it could say so. */
function standing(facts: JobFacts, { now }: Look): Finding[] {
  const isOfWindows = facts.job.kind === 'window';
  const why = isOfWindows ? notMerged(facts.lanes, now) : notStored(facts);
  if (why === undefined) return [];
  const what = `${isOfWindows ? 'closeWindows' : 'fireTimers'} stands still: ${why}`;
  const todo = operations('scheduled-runs-failing-or-missing');
  return [{ kind: 'standing', urgency: 'attention', what, todo }];
}

/** Commits are left in the logs until windows are due or there are so many. */
function notMerged(
  { reachedBefore, unmerged: { commits, oldest } }: Recently,
  now: ProcessingTime,
): string | undefined {
  const isDue = ({ lastEnd }: UnmergedCommit) =>
    lastEnd !== undefined && hasClosed(lastEnd, reachedBefore);
  if (oldest.length === 0 || (commits < BACKLOG_COMMITS_MAX && !oldest.some(isDue))) {
    return undefined;
  }
  const first = oldest.map(({ at }) => at).reduce(earliest);
  return `commits have been waiting for it for ${durationText(since(first, now))}`;
}

/** It stores the watermark in each minute in which that moved. */
const notStored = ({ lanes, progress }: JobFacts): string | undefined =>
  isAfter(lanes.reachedBefore, progress.stored)
    ? `it has not stored the watermark of ${durationText(RECENT)} ago`
    : undefined;

const isBehind = (facts: JobFacts, now: ProcessingTime): boolean =>
  facts.lagMax !== undefined && (lagOf(facts, now) ?? 0) > facts.lagMax;

/** Events that are old as they come: of a producer that is behind, or of a replay; on the local stack, of a sample. */
function behind(facts: JobFacts, { now, stage }: Look): Finding[] {
  if (!isBehind(facts, now)) return [];
  const [lag, max] = [lagOf(facts, now), facts.lagMax].map((each) =>
    durationText(each ?? milliseconds(0)),
  );
  const todo = operations('watermark-lag');
  const isSample = stage === LOCAL_STAGE;
  const what = isSample
    ? 'the events are old as they come: a sample, or a replay'
    : `the watermark is ${lag} behind the clock, as its events are (up to ${max} is normal)`;
  return [{ kind: 'behind', urgency: isSample ? 'note' : 'attention', what, todo }];
}

/** Those of before are worth a word: they may wait, or be redriven or discarded, which no count of the lanes tells. */
function deadLetters({ name, progress, lanes: { counts } }: JobFacts, { stage }: Look): Finding[] {
  if (progress.counts.dead === 0 && counts.dead === 0) return [];
  const recently = `in the last ${durationText(RECENT)}`;
  const todo = command('dead', name, stage, '--summary');
  if (counts.dead > 0) {
    const what = `${counted(counts.dead, 'dead letter')} ${recently}`;
    return [{ kind: 'dead', urgency: 'attention', what, todo }];
  }
  const what = `${counted(progress.counts.dead, 'dead letter')} so far, redriven ones too, none ${recently}`;
  return [{ kind: 'dead', urgency: 'note', what, todo }];
}

function lateEvents({ name, lanes: { counts } }: JobFacts, { stage }: Look): Finding[] {
  const share = counts.late / totalOf(counts);
  if (counts.late < LATE_MIN || !(share > LATE_SHARE_MAX)) return [];
  const what = `${counted(counts.late, 'late event')} in the last ${durationText(RECENT)}, ${(share * 100).toFixed(1)} % of all`;
  return [{ kind: 'late', urgency: 'attention', what, todo: command('late', name, stage) }];
}

const command = (name: string, job: string, stage: string, ...options: string[]): string =>
  ['tidemark', name, job, ...options, ...(stage === LOCAL_STAGE ? [] : ['--stage', stage])].join(
    ' ',
  );

const operations = (part: string): string => `docs/operations.md#${part}`;
