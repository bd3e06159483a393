/** Simulates a job for a stretch of time: what it spends in it, and what it stores. See `plans.ts` for how long, and at which rate. */

import type { MemoryTable } from '../../shared/adapters/memory/table.ts';
import type { JobFamily } from '../../shared/index.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import { type Batching, Deployment, type Invoked } from '../deployment.ts';
import { indexEntries } from '../indexedTable.ts';
import { type Line, PACKED } from '../records.ts';
import { addSpent, NOTHING, type Spent, timesSpent } from '../spent.ts';
import type { DayEnd } from './dayEnd.ts';
import type { CostPlan, DaysPlan } from './plans.ts';
import { SECONDS_A_MONTH } from './prices.ts';
import { bytesInTheLongRun, type Stored, storedIn } from './storage.ts';
import { byVisitor, inOrderOfArrival, SHOP_RATE, START_MS, trafficOf } from './traffic.ts';

export interface Simulating {
  readonly family: JobFamily;
  readonly plan: CostPlan;
  readonly batching: Batching;
  readonly settings: EngineSettings;
  /** Which of the traffic is there: a part of its keys. */
  readonly keeps?: (line: Line) => boolean;
  /** Whether to go on without events, to see what the schedule spends; it takes a simulated hour and a half. */
  readonly idle: 'measured' | 'leftOut';
}

/** By kind of invocation; those of ingest by stream: `ingest:orders`, `close:nudge`. */
export type SpentByKind = ReadonlyMap<string, Spent>;
/** Of the state table, of those of answers, and of their indexes. */
export type ByTable<T> = Readonly<Record<'state' | 'answers' | 'indexes', T>>;

/** What was simulated. */
export interface Stretch {
  readonly seconds: number;
  readonly events: number;
  readonly spent: SpentByKind;
  /** Of that, the write units of answers, with their indexes. */
  readonly answerWrites: number;
  /** In the long run. */
  readonly storedBytes: ByTable<number>;
  /** In a month without events; empty where it is left out. */
  readonly idle: SpentByKind;
  /** Of a job whose windows are days. */
  readonly dayEnd?: DayEnd;
}

const MINUTE_MS = 60_000;
/** The schedule is not at a full minute, as on AWS: windows are found closed, and timers half due. */
const SCHEDULE_MS = 30_000;
/** After so long without events every lane is silent, and every window closed. */
const SILENT_MINUTES = 80;
const IDLE_MINUTES = 10;
/** Within so long after its end, a silent day is closed. */
const DAY_CLOSES_MINUTES = 10;

/**
 * Functions that ingest are warm, as they are on AWS while records come; scheduled ones are cold, and read all that they need, which is an
 * upper bound.
 */
export async function simulate(
  simulating: Simulating,
  rate: number,
  lanes: ReadonlyMap<string, number>,
): Promise<Stretch> {
  const { family, plan, idle } = simulating;
  const startMs = START_MS + plan.warmUpMinutes * MINUTE_MS;
  const endMs = startMs + plan.measuredMinutes * MINUTE_MS;
  const simulated = new Simulated(simulating, lanes);
  let before: ByTable<Stored> | undefined;
  let [events, earlier] = [0, 0];
  for (const event of trafficFor(simulating, rate, startMs)) {
    if (event.arrivalMs >= endMs) break;
    if (event.arrivalMs < startMs) earlier += 1;
    else {
      if (!before) await simulated.until(startMs);
      before ??= simulated.stored();
      events += 1;
    }
    await simulated.deployment.take(event);
  }
  const { spent, answers } = await simulated.until(endMs);
  if (!before) throw new Error(`${family.name}: no event in the stretch that is measured`);
  const after = simulated.stored();
  const seconds = (endMs - startMs) / 1_000;
  const longRun = (table: keyof ByTable<Stored>, lasting: 'grows' | 'stays') =>
    bytesInTheLongRun((before as ByTable<Stored>)[table], after[table], seconds, lasting);
  return {
    events,
    seconds,
    spent,
    answerWrites: answers.write,
    storedBytes: {
      state: longRun('state', 'stays'),
      answers: longRun('answers', 'grows'),
      indexes: longRun('indexes', 'grows'),
    },
    // A day ends before it is silent for long.
    ...(plan.days ? { dayEnd: await simulated.dayEnd(plan.days, earlier + events) } : {}),
    idle: idle === 'leftOut' ? new Map() : await simulated.idleMonth(),
  };
}

function* trafficFor(
  { family, plan, keeps = () => true }: Simulating,
  rate: number,
  startMs: number,
) {
  const shops = Math.ceil(rate / SHOP_RATE);
  const first = Math.ceil(Math.min(rate, plan.warmUpRateMax) / SHOP_RATE);
  const later = { fromMs: startMs, shops };
  const streams = streamsOf(family.usual).map((stream) => trafficOf(stream, { first, later }));
  for (const event of inOrderOfArrival(streams)) {
    if (keeps(event))
      yield plan.days ? byVisitor(event, plan.days.visitMinutes * MINUTE_MS) : event;
  }
}

function* entriesOf(tables: Iterable<MemoryTable>): Generator<Item> {
  for (const table of tables) {
    for (const item of table.items()) yield* indexEntries(table.description, item);
  }
}

/** A deployment with what it spends, and stores. */
class Simulated {
  readonly deployment: Deployment;
  #spent = new Map<string, Spent>();
  #answers = NOTHING;
  #now = START_MS;
  /** By the invocations that wrote rows. */
  #ofRows = { state: NOTHING, answers: NOTHING };

  constructor({ family, settings, batching }: Simulating, lanes: ReadonlyMap<string, number>) {
    this.deployment = new Deployment(family.usual, {
      batching,
      linesEach: PACKED,
      lanes,
      engines: { ingest: 'warm', scheduled: 'cold' },
      settings,
      firstRunMs: START_MS + SCHEDULE_MS,
      onInvocation: (invoked) => this.#note(invoked),
    });
  }

  #note({ by, why, state, rows }: Invoked): void {
    const kind = `${by}:${why}`;
    this.#spent.set(kind, addSpent(this.#spent.get(kind) ?? NOTHING, state, rows));
    this.#answers = addSpent(this.#answers, rows);
    if (rows.write === 0) return;
    const { state: before, answers } = this.#ofRows;
    this.#ofRows = { state: addSpent(before, state), answers: addSpent(answers, rows) };
  }

  /** What is spent from one time to another. */
  async until(ms: number) {
    await this.deployment.passTimeTo(ms);
    this.#now = ms;
    const taken = { spent: this.#spent, answers: this.#answers, ofRows: this.#ofRows };
    this.#spent = new Map();
    this.#answers = NOTHING;
    this.#ofRows = { state: NOTHING, answers: NOTHING };
    return taken;
  }

  stored(): ByTable<Stored> {
    const { scene } = this.deployment;
    const now = scene.clock.now();
    const { state, results } = scene.ports.stored;
    return {
      state: storedIn(state.items(), now),
      answers: storedIn(scene.answers(), now),
      indexes: storedIn(entriesOf(results.values()), now),
    };
  }

  async idleMonth(): Promise<SpentByKind> {
    const silentMs = this.#now + SILENT_MINUTES * MINUTE_MS;
    await this.until(silentMs);
    const factor = SECONDS_A_MONTH / (IDLE_MINUTES * 60);
    const { spent } = await this.until(silentMs + IDLE_MINUTES * MINUTE_MS);
    return scaled(spent, factor, factor);
  }

  async dayEnd({ endsAfterMinutes }: DaysPlan, events: number): Promise<DayEnd> {
    const before = this.stored();
    await this.until(START_MS + endsAfterMinutes * MINUTE_MS);
    const { ofRows } = await this.until(
      START_MS + (endsAfterMinutes + DAY_CLOSES_MINUTES) * MINUTE_MS,
    );
    const after = this.stored();
    const added = (table: keyof ByTable<Stored>) =>
      after[table].lastingBytes - before[table].lastingBytes;
    const [first] = this.deployment.scene.ports.stored.results.values();
    return {
      events,
      rows: [...(first?.items() ?? [])].length,
      spent: ofRows,
      bytes: { answers: added('answers'), indexes: added('indexes') },
    };
  }
}

export const scaled = (spent: SpentByKind, invocations: number, consumed: number): SpentByKind =>
  new Map([...spent].map(([kind, each]) => [kind, timesSpent(each, invocations, consumed)]));
