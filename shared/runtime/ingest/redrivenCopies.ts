/**
 * What becomes of dead letters that come back.
 *
 * 1. A copy is let in only where the commit that it names holds that very letter, on the stream that it came from, or where
 *    it was noted in the state table that this event may come in the letter's place (`letterEdits.ts`). Anybody can put an
 *    envelope on a stream; what is stored counts, and nothing that is said beside it.
 * 2. Of an origin one copy is let in, for ever, and what it is judged by is stored with that. So a copy that is committed in
 *    parts, or tried again, is judged the same, though the letter may expire meanwhile.
 * 3. A copy that was not let in with its first entry is not let in with a later one.
 * 4. A commit is read once for all of its letters, one commit at a time.
 */
import { RetryableError } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isForwarding } from '../../job/repartition.ts';
import { sourceOf } from '../../job/spec.ts';
import type { HashRange } from '../../model/hashRange.ts';
import { type Lane, laneNamed } from '../../model/lane.ts';
import { type ProcessingTime, processingTime } from '../../model/time.ts';
import type { Admission } from '../../operators/intake/intake.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Redriven, RedriveOrigin } from '../../records/envelopes.ts';
import { isAggregate } from '../../records/kpl.ts';
import {
  admit,
  type Copy,
  type LetIn,
  originName,
  readAdmitted,
} from '../../state/lane/admissions.ts';
import { editDigest, notedEdits } from '../../state/lane/letterEdits.ts';
import type { StoredSideEvent } from '../../state/lane/sideColumns.ts';
import { readLettersAt } from '../../state/lane/sideOutput.ts';
import type { LaneRanges } from '../lanes/laneRanges.ts';
import type { EngineSettings } from '../settings.ts';

/** A copy, and its record. */
export interface RedrivenCopy {
  readonly redriven: Redriven;
  readonly sequence: string;
  /** Whether its first entry is among those that are decided upon; else that was decided with an earlier commit. */
  readonly begins: boolean;
}

export type Verdict =
  | (Extract<Admission, { kind: 'redriven' }> & LetIn)
  | Extract<Admission, { kind: 'skipped' | 'refused' }>;

export type CopyJudge = (
  lane: Lane,
  copies: readonly RedrivenCopy[],
  now: ProcessingTime,
) => Promise<ReadonlyMap<Redriven, Verdict>>;

interface CopyPorts extends Pick<Ports, 'state'> {
  readonly rangeOf: LaneRanges;
}

/** One after the other, a batch of nothing but copies would outlast the function's time limit. */
const ADMISSIONS_AT_ONCE = 8;

/** @param copies in order; of one origin, the first that is let in counts. */
export function copyJudge(job: Job, ports: CopyPorts, { logRetention }: EngineSettings): CopyJudge {
  return async (lane, copies, now) => {
    const found = new Map<Redriven, Found>();
    const begun = copies.filter(({ begins }) => begins);
    const byCommit = Map.groupBy(begun, ({ redriven }) => commitName(redriven.origin));
    for (const group of byCommit.values()) {
      const letters = await lettersOf(ports, group);
      for (const { redriven } of group) {
        found.set(redriven, await find(job, ports, { lane, redriven, letters }));
      }
    }
    // Twice, because an admission must outlive its dead letter, and time to live deletes in no order.
    const expiresAt = processingTime(now + 2 * logRetention);
    const verdicts = new Map<Redriven, Verdict>();
    const judgeOrigin = async (group: readonly RedrivenCopy[]) => {
      let isIn = false;
      for (const { redriven, sequence } of group) {
        const copy = { lane, sequence, index: redriven.first };
        const letter = found.get(redriven);
        const candidate = { redriven, copy, letter, expiresAt };
        const isFurther: boolean = isIn && !isForged(letter);
        const verdict: Verdict = isFurther ? SKIPPED : await admitCopy(ports, candidate);
        isIn ||= verdict.kind === 'redriven';
        verdicts.set(redriven, verdict);
      }
    };
    const waiting = [
      ...Map.groupBy(copies, ({ redriven }) => originName(redriven.origin)).values(),
    ];
    while (waiting.length > 0) {
      await Promise.all(waiting.splice(0, ADMISSIONS_AT_ONCE).map(judgeOrigin));
    }
    return verdicts;
  };
}

export const commitName = ({ lane, slot }: RedriveOrigin): string => `${lane}#${slot}`;

/** What a commit holds of the copies that name it. */
interface Letters {
  readonly byPosition: ReadonlyMap<string, StoredSideEvent>;
  /** Digests of what may come in the place of some. */
  readonly edited: ReadonlySet<string>;
}

/** Undefined where the commit is not stored. What was edited is looked up only where some copy is not its letter. */
async function lettersOf(
  { state }: CopyPorts,
  copies: readonly RedrivenCopy[],
): Promise<Letters | undefined> {
  const origins = copies.map(({ redriven }) => redriven.origin);
  const [first] = origins;
  if (first?.slot === undefined) return undefined;
  const lane = laneNamed(first.job, first.lane);
  const positions = new Set(origins.map(({ position }) => position));
  const byPosition = await readLettersAt(state, lane, first.slot, positions);
  if (!byPosition) return undefined;
  const others = copies.flatMap(({ redriven: { origin, payload } }) => {
    const letter = byPosition.get(origin.position);
    return letter === undefined || isSame(letter, payload)
      ? []
      : [editDigest(origin.position, payload)];
  });
  return { byPosition, edited: await notedEdits(state, lane, first.slot, others) };
}

const isSame = ({ raw }: StoredSideEvent, payload: Uint8Array): boolean =>
  Buffer.compare(raw, payload) === 0;

type Found =
  | LetIn
  /** `mayBeIn`: it may have been let in before, when its letter was still there. */
  | { readonly reason: string; readonly mayBeIn: boolean };

/** It is refused, whoever else is let in: what is said of a copy must not depend on what else is in its batch. */
const isForged = (found: Found | undefined): boolean =>
  found !== undefined && 'reason' in found && !found.mayBeIn;

interface Search {
  /** Where the copy stands. */
  readonly lane: Lane;
  readonly redriven: Redriven;
  readonly letters: Letters | undefined;
}

const OLD_FORM =
  'is a redrive envelope of an earlier version, which does not name its commit; redrive the dead letter again';

async function find(
  job: Job,
  { rangeOf }: CopyPorts,
  { lane, redriven: { origin, payload }, letters }: Search,
): Promise<Found> {
  const forged = (why: string): Found => ({
    reason: `is a forged redrive envelope: ${why}`,
    mayBeIn: false,
  });
  if (origin.slot === undefined) return { reason: OLD_FORM, mayBeIn: true };
  const from = laneNamed(job.id, origin.lane);
  if (from.stream !== lane.stream) return forged(`its dead letter is one of ${from.stream}`);
  if (!letters) {
    const reason = `commit ${origin.slot} of ${origin.lane}, which should hold this dead letter, is not stored: it has expired, or the redrive envelope is forged`;
    return { reason, mayBeIn: true };
  }
  const letter = letters.byPosition.get(origin.position);
  const isMeant =
    letter && (isSame(letter, payload) || letters.edited.has(editDigest(origin.position, payload)));
  if (!isMeant) return forged(`commit ${origin.slot} of ${origin.lane} holds no such dead letter`);
  const { watermark } = letter;
  if (!isAggregate(payload) || sourceOf(job, lane.stream)?.aggregates === 'mixed') {
    return { watermark };
  }
  // What a forwarding lane has put must not be judged otherwise by the next try.
  const range = isForwarding(job, lane.stream)
    ? await rangeOf(from)
    : await rangeIfKnown(rangeOf, from);
  if (range) return { watermark, range };
  const reason = `which events of this aggregate belonged to shard ${from.shard} cannot be told now; redrive it again`;
  return { reason, mayBeIn: true };
}

/** Another shard, perhaps one that is gone, must not hold this one up: what cannot be told now is a dead letter. */
async function rangeIfKnown(rangeOf: LaneRanges, lane: Lane): Promise<HashRange | undefined> {
  try {
    return await rangeOf(lane);
  } catch (error) {
    if (error instanceof RetryableError) return undefined;
    throw error;
  }
}

const SKIPPED: Verdict = { kind: 'skipped' };

interface Candidate {
  readonly redriven: Redriven;
  readonly copy: Copy;
  /** Undefined where the copy began before. */
  readonly letter: Found | undefined;
  readonly expiresAt: ProcessingTime;
}

async function admitCopy(
  { state }: CopyPorts,
  { redriven: { origin }, copy, letter, expiresAt }: Candidate,
): Promise<Verdict> {
  if (letter && !('reason' in letter)) {
    const admitted = await admit(state, origin, copy, letter, expiresAt);
    return admitted === 'another' ? SKIPPED : { kind: 'redriven', ...admitted };
  }
  const otherwise: Verdict = letter ? { kind: 'refused', reason: letter.reason } : SKIPPED;
  if (letter && !letter.mayBeIn) return otherwise;
  const admitted = await readAdmitted(state, origin, copy);
  if (admitted === 'nobody') return otherwise;
  return admitted === 'another' ? SKIPPED : { kind: 'redriven', ...admitted };
}
