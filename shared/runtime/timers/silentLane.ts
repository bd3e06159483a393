/** What silence does to a lane where something waits, and when a head has to be recommitted. */
import { laneName } from '../../model/lane.ts';
import {
  type Duration,
  earlier,
  earliest,
  hasReached,
  isAfter,
  isBefore,
  later,
  minutes,
  type ProcessingTime,
  processingTime,
  seconds,
} from '../../model/time.ts';
import type { ShardReader } from '../../ports/shards.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { isAging } from '../../state/retention.ts';
import { isTurnOf } from '../lanes/closedShards.ts';
import type { Advance, BegunLane, LaneState } from '../lanes/commitDraft.ts';
import { isDueByGarbage, isDueBySilence } from '../lanes/flush.ts';
import { hasAnswers, type LaneContext } from '../lanes/lanes.ts';
import type { RunTrigger } from '../scheduledRun.ts';
import type { EngineSettings } from '../settings.ts';
import type { Sources } from './sources.ts';

/**
 * How much longer than `idleAfter` a shard is silent before anybody looks: a record that arrived before can be read by
 * then, and clocks differ by less.
 */
export const LOOKING_MARGIN: Duration = seconds(5);

/** When the first of all that is needed of a lane may be deleted: what waits, and what is kept, may stand in much older commits. */
export const oldestOf = ({
  expiresAt,
  heldExpires = expiresAt,
  keptExpires = expiresAt,
}: Commit): ProcessingTime => earliest(expiresAt, earliest(heldExpires, keptExpires));

/** What a run knows beside a lane. */
export interface SilentRun {
  readonly trigger: RunTrigger;
  readonly now: ProcessingTime;
  readonly sources: Sources;
}

/**
 * Why a commit without a record is due on the lane, if one is. A silent shard is looked into where something waits, and now and then
 * to see whether it is closed. The idle jump may be made early only where the next
 * record is sure to make it anyway: the shard is read to its end, and whatever arrives from now on arrives too late.
 */
export async function reasonToAdvance(
  context: LaneContext,
  laneState: LaneState,
  { trigger, now, sources }: SilentRun,
): Promise<Advance | undefined> {
  const { ports, settings, stores } = context;
  const { head } = laneState;
  if (!head) return undefined;
  if (head.adopting !== undefined || hasAnswersLeft(context, laneState, trigger, now))
    return 'recommit';
  const recommit = isAging(oldestOf(head), settings.logRetention, now) ? 'recommit' : undefined;
  // The lane of an ended shard stays until its children have taken over from it.
  if (head.ended || !stores) return recommit;
  if (trigger === 'endOfInput') return atEndOfInput(ports.reader, laneState, head);
  return (await onSilence(context, laneState, head, { now, sources })) ?? recommit;
}

/** Whether something waits on the lane: held events, timers, or events ahead. */
export const isWaiting = ({ heldFrom, nextTimer, nextAhead }: Commit): boolean =>
  heldFrom !== undefined || nextTimer !== undefined || nextAhead !== undefined;

/** Whether the watermark has reached a timer that has not fired. */
const isDue = ({ nextTimer, watermark }: Commit): boolean =>
  nextTimer !== undefined && hasReached(watermark, nextTimer);

/** What waits goes on being let go; and a shard that has been silent is looked into. */
async function onSilence(
  { ports, settings, batcher }: LaneContext,
  laneState: LaneState,
  head: Commit,
  { now, sources }: Pick<SilentRun, 'now' | 'sources'>,
): Promise<Advance | undefined> {
  if (head.letGo || (isDue(head) && isLeftAlone(head, settings, now))) return 'letGo';
  if (isDueByGarbage(head, settings) && (await sources.areSilent())) return 'flush';
  if (!isSilentFor(settings.idleAfter, head, now)) return undefined;
  const isHolding = batcher.lastEvent && (await batcher.lastEvent(laneState)) !== undefined;
  const isFlushDue = isDueBySilence(head, settings, now) && (await sources.areSilent());
  const bySilence = isFlushDue ? 'flush' : undefined;
  return onceRead(ports.reader, laneState, isHolding ? 'idleJump' : bySilence, now);
}

/** What comes about on a shard that is read to its end; and its end, which is looked for now and then in any case. */
async function onceRead(
  reader: ShardReader,
  { lane, head }: LaneState,
  advance: Advance | undefined,
  now: ProcessingTime,
): Promise<Advance | undefined> {
  if (!advance && !isTurnOf(laneName(lane), now)) return undefined;
  const found = await reader.look(lane.stream, lane.shard, head?.to);
  if (found === 'ended') return 'end';
  return found === 'drained' ? advance : undefined;
}

const isSilentFor = (wait: Duration, { lastArrival }: Commit, now: ProcessingTime): boolean =>
  !isBefore(now, later(later(processingTime(lastArrival ?? now), wait), LOOKING_MARGIN));

/** So long after a batch the next ones let fire what is due, if any come. */
const ON_ITS_OWN_FOR = seconds(10);

const isLeftAlone = (
  { quiet: isQuiet, expiresAt }: Commit,
  { logRetention }: EngineSettings,
  now: ProcessingTime,
): boolean =>
  isQuiet === true || !isAfter(later(earlier(expiresAt, logRetention), ON_ITS_OWN_FOR), now);

/** So long after a commit whoever appended it has put its alerts and rows, or is gone. */
const LEFT_ALONE_AFTER = minutes(1);

/**
 * Answers are put before the commit that follows them; where none comes, one of no content does, and nobody has to put them again.
 * A batch whose function died comes again, and whoever gets it puts them; so that is asked of commits of no
 * record, and of those whose records no stream holds any more. Whoever put them itself knows that.
 */
function hasAnswersLeft(
  { job, settings, answered }: Pick<LaneContext, 'job' | 'settings' | 'answered'>,
  { lane, head }: BegunLane,
  trigger: RunTrigger,
  now: ProcessingTime,
): boolean {
  if (!hasAnswers(job, head) || answered.get(laneName(lane)) === head.slot) return false;
  const { quiet: isQuiet, expiresAt } = head;
  const { logRetention, streamRetention } = settings;
  // Whoever says that the input has ended waits for the answers.
  if (isQuiet && trigger === 'endOfInput') return true;
  const wait = isQuiet ? LEFT_ALONE_AFTER : streamRetention;
  return !isAfter(later(earlier(expiresAt, logRetention), wait), now);
}

/** What waits on a closed shard goes over to the shards that came from it, and the end of the input with it. */
async function atEndOfInput(
  reader: ShardReader,
  { lane: { stream, shard } }: LaneState,
  head: Commit,
): Promise<Advance | undefined> {
  if ((await reader.look(stream, shard, head.to)) === 'ended') return 'end';
  return isWaiting(head) ? 'endOfInput' : undefined;
}
