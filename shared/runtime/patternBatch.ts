/**
 * A pattern job's batch: takes events in, and gives the pattern what the watermark has passed. All of it is in the
 * commit: what waits from now on, the new states, the alerts.
 */
import type { PatternJob } from '../job/patternJob.ts';
import { addCounts, type Counts, NO_COUNTS } from '../model/counts.ts';
import { type Lane, laneName } from '../model/lane.ts';
import { comparePositions } from '../model/position.ts';
import { type ArrivalTime, type EventTime, laterWatermark, type Watermark } from '../model/time.ts';
import { encodeHeld, type Held, isPassed, type Waiting } from '../operators/held.ts';
import { readerOf } from '../operators/judge.ts';
import { justPast, takeIn } from '../operators/patternIntake.ts';
import { keysDue, release } from '../operators/patternRelease.ts';
import type { SideEvent } from '../operators/progress.ts';
import type { KeyedStates, Redo } from '../operators/redo.ts';
import type { Item } from '../ports/table.ts';
import type { Entry } from '../records/entry.ts';
import { type BlobReference, packBlob } from '../state/blob.ts';
import { readKeyedStates } from '../state/keyedStates.ts';
import type { Commit } from '../state/laneLog.ts';
import { encodeRedo } from '../state/redo.ts';
import { adoptTimeOuts, readWaiting } from '../state/waiting.ts';
import {
  type Advance,
  admitRedriven,
  type Batcher,
  type BatchPorts,
  commitOf,
  type LaneStand,
  type Prefix,
  progressOf,
  quietCommit,
} from './batch.ts';
import type { EngineSettings } from './settings.ts';

/** Events that one commit takes in: what they let go is put when the commit is applied. */
const EVENTS_MAX = 2_000;

export interface PatternBatcher extends Batcher {
  /** What waits on a lane. */
  waiting(stand: LaneStand): Promise<readonly Waiting[]>;
}

export const isPatternBatcher = (batcher: Batcher): batcher is PatternBatcher =>
  'waiting' in batcher;

export function createPatternBatcher(
  job: PatternJob,
  ports: BatchPorts,
  settings: EngineSettings,
): PatternBatcher {
  /** What waits behind a commit: known by the very object, since another commit may take the slot of one that was built. */
  const known = new WeakMap<Commit, readonly Waiting[]>();
  /** By lane: a silent one has the same head in every run of `fireTimers`, and its log is not read for each. */
  const lastRead = new Map<string, { readonly slot: number; readonly waits: readonly Waiting[] }>();

  async function waiting({ lane, item, head }: LaneStand): Promise<readonly Waiting[]> {
    if (!head) return job.timedOut ? adoptTimeOuts(job, ports, lane, item.parents) : [];
    const found = known.get(head) ?? (await waitingBehind(lane, head));
    known.set(head, found);
    return found;
  }

  /** Of a head that was read: what stands in a slot never changes. */
  async function waitingBehind(lane: Lane, head: Commit): Promise<readonly Waiting[]> {
    const last = lastRead.get(laneName(lane));
    if (last?.slot === head.slot) return last.waits;
    const waits = await readWaiting(ports.state, job, lane, head);
    lastRead.set(laneName(lane), { slot: head.slot, waits });
    return waits;
  }

  return {
    waiting,
    async build(request) {
      const { entries, at, head } = request;
      const now = ports.clock.now();
      const before = await waiting(request);
      const { admitted, to: latest } = await admitRedriven(
        job,
        ports.state,
        settings,
        request,
        now,
      );
      const intake = takeIn(job, readerOf(job, request.lane.stream), progressOf(request), {
        entries,
        from: at,
        to: latest,
        eventsMax: EVENTS_MAX,
        heldUntil: lastEventOf(before),
        lastArrival: head?.lastArrival,
        idleAfter: settings.idleAfter,
        isAdmitted: (entry: Entry) => admitted.has(entry),
      });
      const { brought, watermark, to } = intake;
      const complete = (dead: readonly SideEvent[]): Prefix => {
        const counts = addCounts(intake.counts, movedToDead(dead));
        const side = [...intake.side, ...dead].sort((a, b) => comparePositions(a.entry, b.entry));
        const base = commitOf(job, settings, { request, to, now }, { ...intake, counts, side });
        return { ...base, counts };
      };
      const { lastArrival } = intake;
      return finish({ stand: request, before, brought, watermark, lastArrival, complete });
    },
    async advance(stand, why) {
      const now = ports.clock.now();
      const before = await waiting(stand);
      const start = progressOf(stand).watermark;
      const watermark = laterWatermark(start, target(before, why, start));
      const complete = (dead: readonly SideEvent[]): Prefix => {
        const counts = movedToDead(dead);
        const side = [...dead].sort((a, b) => comparePositions(a.entry, b.entry));
        return quietCommit(job, settings, { stand, why, now }, { watermark, counts, side });
      };
      const lastArrival = stand.head?.lastArrival;
      return finish({ stand, before, brought: [], watermark, lastArrival, complete });
    },
  };

  /** Lets go what the watermark has passed. */
  async function finish(work: Unfinished): Promise<Prefix> {
    const { stand, before, watermark, lastArrival, complete } = work;
    const slot = stand.head ? stand.head.slot + 1 : 0;
    const waits = [...before.map(({ held }) => held), ...work.brought];
    const due = waits.filter((held) => isPassed(held, watermark));
    const stored = await readKeyedStates(ports.state, job.id, keysDue(due, watermark));
    const { redo, timers, dead } = release(job, due, watermark, stored);
    const base = complete(dead);
    const { expiresAt } = base.commit;
    const brought = [...work.brought.filter((held) => !isPassed(held, watermark)), ...timers];
    const left = broughtAgain(
      before.filter(({ held }) => !isPassed(held, watermark)),
      { slot, expiresAt, youngFrom: expiresAt - settings.logRetention / 2 },
    );
    const kept = await statesOf(left.filter((each) => each.slot === slot));
    const whole = { ...redo, states: new Map([...kept, ...redo.states]) };
    const waitingNow = [...left, ...brought.map((held) => ({ slot, expiresAt, held }))];
    const prefix = withPatternParts(base, { stand, lastArrival, redo: whole, waitingNow });
    known.set(prefix.commit, waitingNow);
    return prefix;
  }

  /** What time-outs that are brought again will need: it is put again as well, and so kept as long as they wait. */
  async function statesOf(waits: readonly Waiting[]): Promise<KeyedStates> {
    const keys = waits.filter(({ held }) => held.kind === 'timer').map(({ held }) => held.key);
    return readKeyedStates(ports.state, job.id, new Set(keys));
  }
}

interface Unfinished {
  readonly stand: LaneStand;
  readonly before: readonly Waiting[];
  readonly brought: readonly Held[];
  readonly watermark: Watermark;
  readonly lastArrival: ArrivalTime | undefined;
  /** The commit, with events on which the job's own code threw just now. */
  complete(dead: readonly SideEvent[]): Prefix;
}

/**
 * What waits in commits that have used up half of their time to live is brought again, and all that came before it, so
 * that nothing is found twice: however long it waits, the log still has it.
 */
function broughtAgain(
  waiting: readonly Waiting[],
  { slot, expiresAt, youngFrom }: Omit<Waiting, 'held'> & { readonly youngFrom: number },
): readonly Waiting[] {
  const old = waiting.filter((each) => each.expiresAt <= youngFrom).map((each) => each.slot);
  if (old.length === 0) return waiting;
  const until = old.reduce((last, each) => Math.max(last, each));
  return waiting.map((each) => (each.slot <= until ? { ...each, slot, expiresAt } : each));
}

/** They were accepted when they came. */
const movedToDead = (dead: readonly SideEvent[]): Counts => ({
  ...NO_COUNTS,
  accepted: -dead.length,
  dead: dead.length,
});

function withPatternParts(
  base: Prefix,
  {
    stand,
    lastArrival,
    redo,
    waitingNow,
  }: Pick<Unfinished, 'stand' | 'lastArrival'> & { redo: Redo; waitingNow: readonly Waiting[] },
): Prefix {
  const { slot, expiresAt } = base.commit;
  const chunks: Item[] = [...base.chunks];
  const pack = (bytes: Uint8Array): BlobReference => {
    const packed = packBlob(stand.lane, bytes, expiresAt);
    chunks.push(...packed.chunks);
    return packed.reference;
  };
  const brought = waitingNow.filter((each) => each.slot === slot).map(({ held }) => held);
  const hasRedo = redo.states.size > 0 || redo.alerts.length > 0;
  const { heldFrom: _heldFrom, lastArrival: _lastArrival, ...rest } = base.commit;
  const commit: Commit = {
    ...rest,
    ...(hasRedo ? { redo: pack(encodeRedo(redo)) } : {}),
    ...(brought.length > 0 ? { held: pack(encodeHeld(brought)) } : {}),
    ...(waitingNow.length > 0 ? { heldFrom: earliestSlot(waitingNow) } : {}),
    ...(lastArrival === undefined ? {} : { lastArrival }),
  };
  return { ...base, commit, chunks };
}

const earliestSlot = (waiting: readonly Waiting[]): number =>
  waiting.reduce((least, { slot }) => Math.min(least, slot), Number.POSITIVE_INFINITY);

/** The latest event that waits. */
export function lastEventOf(waiting: readonly Waiting[]): EventTime | undefined {
  let last: EventTime | undefined;
  for (const { held } of waiting) {
    if (held.kind === 'event' && (last === undefined || held.at > last)) last = held.at;
  }
  return last;
}

function target(waiting: readonly Waiting[], why: Advance, watermark: Watermark): Watermark {
  if (why === 'rest') return watermark;
  const last = lastEventOf(waiting);
  let reached = last === undefined ? watermark : justPast(last);
  if (why !== 'endOfInput') return reached;
  for (const { held } of waiting) {
    if (held.kind === 'timer') reached = laterWatermark(reached, justPast(held.at));
  }
  return reached;
}
