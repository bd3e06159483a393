/**
 * The end of lanes in jobs without windows. The rules are those of `closing/endLanes.ts`, which ends the lanes of window jobs;
 * when a shard is closed for long enough is said by `lanes/closedShards.ts`.
 */
import { laneNamed } from '../../model/lane.ts';
import { isAfter, later, type ProcessingTime, type Watermark } from '../../model/time.ts';
import { inTurns } from '../../state/inTurns.ts';
import { hasSheets } from '../../state/keyed/timerSheets.ts';
import { withoutMarks } from '../../state/lane/heldMarks.ts';
import { type Commit, type LaneItem, recommittedHead } from '../../state/lane/laneLog.ts';
import { type RetiredLane, retireLanes } from '../../state/lane/retiredLanes.ts';
import { closedShards, ENDINGS_MAX, overFrom, parentsIn } from '../lanes/closedShards.ts';
import { appendDraft, type LaneState } from '../lanes/commitDraft.ts';
import { advanceLane, type LaneContext } from '../lanes/lanes.ts';

export interface LanesFound {
  /** The listed lanes. */
  readonly items: ReadonlyMap<string, LaneItem>;
  /** Those that have begun and were read. */
  readonly laneStates: ReadonlyMap<string, LaneState>;
  /** Those that were read and have no entry. */
  readonly notBegun: ReadonlySet<string>;
}

/** Ends lanes, hands over what still waits on them, and retires those that have ended. */
export async function endFiredLanes(
  context: LaneContext,
  lanes: LanesFound,
  watermark: Watermark,
  now: ProcessingTime,
): Promise<void> {
  // The lanes of window jobs are closeWindows' to end.
  if (context.job.kind === 'status') await endStatusLanes(context, lanes, watermark, now);
  if (context.job.kind === 'pattern') await endPatternLanes(context, lanes, now);
}

async function endStatusLanes(
  context: LaneContext,
  { items, laneStates, notBegun }: LanesFound,
  watermark: Watermark,
  now: ProcessingTime,
): Promise<void> {
  const { job, ports, settings } = context;
  const closed = closedShards(items, (name) => laneStates.get(name)?.head?.lastValidAt);
  const isOver = overFrom(closed, settings, now);
  const headOf = (name: string) => laneStates.get(name)?.head;
  const read = [...laneStates.keys(), ...notBegun];
  const ending = read.filter((name) => !headOf(name)?.ended && isOver(name));
  await inTurns(ending.slice(0, ENDINGS_MAX), async (name) => {
    const item = items.get(name) as LaneItem;
    const begun = laneStates.get(name) ?? { lane: laneNamed(job.id, name), item, head: undefined };
    await advanceLane(context, begun, 'end');
  });
  const retiring = [...laneStates].filter(
    ([name, { head }]) =>
      head?.ended &&
      !isAfter(head.watermark, watermark) &&
      parentsIn(items, name).every((parent) => headOf(parent)?.ended),
  );
  const retired: RetiredLane[] = [];
  await inTurns(retiring.slice(0, ENDINGS_MAX), async ([name, { lane, head }]) => {
    if (!head || (await hasSheets(ports.state, lane))) return;
    retired.push({ lane, item: items.get(name) as LaneItem, head, expired: 0 });
  });
  await retireLanes(ports.state, retired);
}

/**
 * Time-outs wait on an ended lane for the children that take them over. Once all have, an entry says that nothing
 * waits; until then their parent is kept, and so are the children, which would not be counted otherwise.
 */
async function endPatternLanes(
  { ports, settings }: LaneContext,
  { items, laneStates }: LanesFound,
  now: ProcessingTime,
): Promise<void> {
  const ended = [...laneStates].filter(([, { head }]) => head?.ended);
  const children = childrenBy(items);
  const handedOver = ended.filter(
    ([name, { head }]) =>
      head?.heldFrom !== undefined &&
      hasLetAllGo(head) &&
      haveTakenOver(children.get(name) ?? [], items, laneStates),
  );
  await inTurns(handedOver.slice(0, ENDINGS_MAX), async ([, { lane, head }]) => {
    const expiresAt = later(now, settings.logRetention);
    const commit = withoutMarks(recommittedHead(head as Commit, expiresAt));
    // Where no reply came, the next run looks again.
    await appendDraft(ports.state, lane, { commit, chunks: [] });
  });
  const holdsNothing = (name: string): boolean => {
    const head = laneStates.get(name)?.head;
    return head?.ended === true && head.heldFrom === undefined && hasLetAllGo(head);
  };
  const retired: RetiredLane[] = [];
  for (const [name, { lane, head }] of ended) {
    if (!head || !holdsNothing(name) || !parentsIn(items, name).every(holdsNothing)) continue;
    retired.push({ lane, item: items.get(name) as LaneItem, head, expired: 0 });
  }
  await retireLanes(ports.state, retired.slice(0, ENDINGS_MAX));
}

function childrenBy(items: ReadonlyMap<string, LaneItem>): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const name of items.keys()) {
    for (const parent of parentsIn(items, name)) {
      children.set(parent, [...(children.get(parent) ?? []), name]);
    }
  }
  return children;
}

/** Nothing is to be let go, or to be taken over by it. */
const hasLetAllGo = ({ letGo, adopting }: Commit): boolean =>
  letGo === undefined && adopting === undefined;

/** Whether all have begun and taken over what is theirs. A shard is split into two, or merged with another into one. */
function haveTakenOver(
  children: readonly string[],
  items: ReadonlyMap<string, LaneItem>,
  laneStates: ReadonlyMap<string, LaneState>,
): boolean {
  const isMerged = children.some((name) => (items.get(name)?.parents.length ?? 0) > 1);
  if (children.length < (isMerged ? 1 : 2)) return false;
  return children.every((name) => {
    const head = laneStates.get(name)?.head;
    return head !== undefined && head.adopting === undefined;
  });
}
