/**
 * Where a lane stands, and how one begins.
 *
 * 1. A lane's item is put before its slot 0, so that whoever lists lanes misses no log.
 * 2. In a keyed job no slot is appended before the alerts and rows of the head are put.
 * 3. In a keyed job a child's lane begins only when the lanes of its shard's parents have ended, and it takes over
 *    their watermark, their arrival clock and a higher generation, then their keys (`laneStores.ts`). In other jobs a child shard
 *    is just a new lane.
 */
import { InvariantViolation, JobDefinitionError, RetryableError } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isKeyed } from '../../job/traits.ts';
import { type Lane, laneName, type ShardId } from '../../model/lane.ts';
import {
  type ArrivalTime,
  arrivalTime,
  half,
  isAfter,
  later,
  latest,
  NO_WATERMARK,
  type Watermark,
} from '../../model/time.ts';
import type { Ports } from '../../ports/ports.ts';
import { readCursors } from '../../state/closing/closing.ts';
import { readAlerts } from '../../state/lane/alertRows.ts';
import {
  createLane,
  FIRST_LANE,
  type LaneItem,
  readLane,
  readLanes,
} from '../../state/lane/laneItem.ts';
import { type Commit, readHead } from '../../state/lane/laneLog.ts';
import { readRetired, retiredGeneration } from '../../state/lane/retiredLanes.ts';
import type { EngineSettings } from '../settings.ts';
import { type Advance, appendDraft, type Batcher, type LaneState } from './commitDraft.ts';
import type { LaneStores } from './laneStores.ts';
import { putAlerts } from './putAlerts.ts';
import { putRows } from './putRows.ts';

export interface LaneContext {
  readonly job: Job;
  readonly ports: Ports;
  readonly settings: EngineSettings;
  readonly batcher: Batcher;
  /** Of a keyed job. */
  readonly stores: LaneStores | undefined;
  /** By lane, the slot whose alerts and rows are known to be put. */
  readonly answered: Map<string, number>;
}

/** The lane as it stands, also when it is retired; undefined where it has not begun. */
export async function readLaneState(
  context: LaneContext,
  lane: Lane,
): Promise<LaneState | undefined> {
  const { job, ports, settings } = context;
  const head = await readHead(ports.state, lane);
  // The head of a lane that is listed never grows so old. Of a retired lane's log, the newest entry may have expired first.
  const youngFrom = later(ports.clock.now(), half(half(settings.logRetention)));
  if (!head || !isAfter(head.expiresAt, youngFrom)) {
    const retired = await readRetired(ports.state, lane);
    if (retired) checkShape(job, retired.head.shape, `on ${laneName(lane)}`);
    if (retired || !head) return retired;
  }
  checkShape(job, head.shape, `on ${laneName(lane)}`);
  if (!isKeyed(job)) return { lane, head, item: undefined };
  const item = await readLane(ports.state, lane);
  if (!item) {
    const retired = await readRetired(ports.state, lane);
    if (retired) return retired;
    throw new InvariantViolation(`${job.id}: lane ${laneName(lane)} has a log and no item`);
  }
  return { lane, head, item };
}

/**
 * State that another declaration made would be taken for something else. Throws JobDefinitionError.
 * @param where what stores it
 */
export function checkShape(job: Job, stored: string, where: string): void {
  if (stored === job.shape) return;
  throw new JobDefinitionError(
    `${job.id} has stored state of another shape ${where}: its windows, lateness, aggregate, waits or pattern changed; ` +
      'raise the version of the job to start beside the old one',
  );
}

/** The log was found empty: makes the lane known before its slot 0. Gives its head where somebody was faster. */
export async function openLane(context: LaneContext, lane: Lane): Promise<LaneState> {
  const { job, ports } = context;
  const direct = await ports.shards.parentsOf(lane.stream, lane.shard);
  const range = await ports.shards.rangeOf(lane.stream, lane.shard);
  const start = isKeyed(job) ? await afterParents(context, lane, direct) : FIRST_LANE;
  const parents = isKeyed(job) ? direct : await withAncestors(context, lane, direct);
  const openedAt = ports.clock.now();
  const item = { ...start, parents, openedAt, ...(range ? { range } : {}) };
  if ((await createLane(ports.state, lane, item)) === 'created') {
    return { lane, head: undefined, item };
  }
  return (await readLaneState(context, lane)) ?? (await begunLane(context, lane));
}

/** The lane's item is there and its log is empty: it has just begun, or the log is lost. */
async function begunLane(context: LaneContext, lane: Lane): Promise<LaneState> {
  const { job, ports } = context;
  const cursor = (await readCursors(ports.state, job.id)).get(laneName(lane)) ?? 0;
  if (cursor > 0) {
    // Somebody may have committed, and somebody closed, since the log was found empty.
    const laneState = await readLaneState(context, lane);
    if (laneState) return laneState;
    throw new InvariantViolation(
      `${job.id} on ${laneName(lane)}: windows were closed up to slot ${cursor}, but the log is empty; ` +
        'it expired or was deleted, so what it counted cannot be told from what is new',
    );
  }
  const item = await readLane(ports.state, lane);
  if (item) return { lane, head: undefined, item };
  // It may have begun, ended and been retired since the log was found empty.
  const laneState = await readLaneState(context, lane);
  if (laneState) return laneState;
  throw new InvariantViolation(`${job.id}: the item of lane ${laneName(lane)} is gone`);
}

/** Generations of shards that are passed over without a lane; a parent that is not found by then is never retired. */
const ANCESTORS_MAX = 16;

/**
 * A shard's parents, and where one of them never held a record, so that it has no lane, those that it came from: whoever
 * lists lanes learns from the next one after a lane that its shard is closed.
 */
async function withAncestors(
  { ports: { state, shards } }: LaneContext,
  lane: Lane,
  parents: readonly ShardId[],
): Promise<readonly ShardId[]> {
  const all = new Set(parents);
  let unknown = [...parents];
  for (let depth = 0; depth < ANCESTORS_MAX && unknown.length > 0; depth += 1) {
    const before: ShardId[] = [];
    for (const shard of unknown) {
      const parent = { ...lane, shard };
      if ((await readLane(state, parent)) || (await readRetired(state, parent))) continue;
      before.push(...(await shards.parentsOf(lane.stream, shard)));
    }
    unknown = before.filter((shard) => !all.has(shard));
    for (const shard of unknown) all.add(shard);
  }
  return [...all];
}

const NO_ARRIVAL = arrivalTime(0);

/** What a lane takes over from the lanes of its shard's parents. Throws RetryableError until they have ended. */
async function afterParents(
  context: LaneContext,
  lane: Lane,
  parents: readonly string[],
): Promise<Pick<LaneItem, 'generation' | 'startWatermark' | 'startArrival'>> {
  let startWatermark: Watermark = NO_WATERMARK;
  let startArrival: ArrivalTime | undefined;
  for (const shard of parents) {
    const ended = await endedLane(context, { ...lane, shard }, lane);
    startWatermark = latest(startWatermark, ended.watermark);
    startArrival = latest(startArrival ?? NO_ARRIVAL, ended.lastArrival ?? NO_ARRIVAL);
  }
  if (parents.length === 0) return FIRST_LANE;
  const { state } = context.ports;
  const listed = await readLanes(state, lane.job);
  // After the list: what left it meanwhile is among these.
  const retired = await retiredGeneration(state, lane.job);
  const before = [...listed.values()].reduce(
    (greatest, { generation }) => Math.max(greatest, generation),
    retired,
  );
  return {
    startWatermark,
    generation: 1 + before,
    ...(startArrival ? { startArrival } : {}),
  };
}

/** The last commit of a parent's lane, which is ended here if nobody has. */
async function endedLane(context: LaneContext, parent: Lane, child: Lane): Promise<Commit> {
  const { ports } = context;
  const laneState = await readLaneState(context, parent);
  if (laneState?.head?.ended) {
    await putAnswersOf(context, laneState);
    return laneState.head;
  }
  const remainder = await ports.reader.look(parent.stream, parent.shard, laneState?.head?.to);
  if (remainder !== 'ended') {
    throw new RetryableError(
      `${laneName(child)} waits: its parent ${parent.shard} is not read to its end yet`,
    );
  }
  let ended = await advanceLane(context, laneState ?? (await openLane(context, parent)), 'end');
  for (let steps = 1; ended?.head && steps < ENDING_STEPS_MAX; steps += 1) {
    if (ended.head.ended) return ended.head;
    ended = await advanceLane(context, ended, 'end');
  }
  if (ended?.head?.ended) return ended.head;
  const why = ended ? 'still lets go what it held' : 'could not be ended now';
  throw new RetryableError(`${laneName(child)} waits: ${laneName(parent)} ${why}`);
}

/** Commits in which a child's try to begin lets go what a parent holds; its next try goes on. */
const ENDING_STEPS_MAX = 64;

/**
 * Appends a commit of no record. Undefined where somebody else took the slot, or no reply came: whoever asks again sees what
 * was done.
 */
export async function advanceLane(
  context: LaneContext,
  laneState: LaneState,
  why: Advance,
): Promise<LaneState | undefined> {
  const { lane, item } = laneState;
  await putAnswersOf(context, laneState);
  const draft = await context.batcher.advance(laneState, why);
  if ((await appendDraft(context.ports.state, lane, draft)) !== 'appended') return undefined;
  const advanced = { lane, item, head: draft.commit };
  await followUp(context, advanced);
  return advanced;
}

/** What has to be done once a commit stands. */
export async function followUp(context: LaneContext, advanced: LaneState): Promise<void> {
  if (advanced.head) context.stores?.appended(advanced, advanced.head);
  await putAnswersOf(context, advanced);
}

/** Whether something is to be put of a commit once it stands. */
export const hasAnswers = (job: Job, commit: Commit): boolean =>
  commit.alerts !== undefined || (job.kind === 'status' && commit.changes !== undefined);

/**
 * Puts the alerts and rows of a lane's head, unless this process knows that they are: whoever appended it may have died before. Putting
 * one again changes nothing: alerts are made of their events alone, and a row's fence says which commit it follows from.
 */
export async function putAnswersOf(
  { job, ports, settings, stores, answered }: LaneContext,
  laneState: LaneState,
): Promise<void> {
  const { lane, head } = laneState;
  if (!head || !hasAnswers(job, head) || answered.get(laneName(lane)) === head.slot) return;
  if (head.alerts) {
    await putAlerts(job, ports.results, await readAlerts(ports.state, lane, head.alerts));
  }
  if (job.kind === 'status') {
    await putRows({ job, ports, settings, changes: stores?.changesOf(head) }, laneState);
  }
  answered.set(laneName(lane), head.slot);
}
