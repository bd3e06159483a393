/** Measures what a job spends at a rate, and scales it to a month. See `plans.ts` for what is simulated of it. */
import type { JobFamily } from '../../shared/index.ts';
import { laneStreamsOf } from '../../shared/job/repartition.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import { type Batching, Deployment, type Invoked } from '../deployment.ts';
import { type Line, PACKED } from '../records.ts';
import { addSpent, NOTHING, type Spent, sumOf, timesSpent } from '../spent.ts';
import { type CostPlan, planOf } from './plans.ts';
import { SECONDS_A_MONTH } from './prices.ts';
import { bytesInTheLongRun, type Stored, storedIn } from './storage.ts';
import { inOrderOfArrival, SHOP_RATE, START_MS, shareOf, trafficOf } from './traffic.ts';

export interface Measuring {
  readonly family: JobFamily;
  /** Events a second of each of its streams; of `receipts` half as many. */
  readonly rate: number;
  readonly shardsOf: (stream: string) => number;
  readonly batching: Batching;
  readonly settings: EngineSettings;
  readonly plan?: CostPlan;
  /** Which of the traffic is there: a part of its keys. */
  readonly keeps?: (line: Line) => boolean;
  /** Whether to go on without events, to see what the schedule spends; it takes a simulated hour and a half. */
  readonly idle: 'measured' | 'leftOut';
}

/** By kind of invocation; those of ingest by stream: `ingest:orders`, `close:nudge`. */
type SpentByKind = ReadonlyMap<string, Spent>;
/** Of the state table and of those of answers. */
type ByTable<T> = Readonly<Record<'state' | 'answers', T>>;

/** In a month; of a stretch, in the time that was simulated. */
export interface Usage {
  readonly events: number;
  readonly spent: SpentByKind;
  /** Of that, the write units of answers, with their indexes: whoever computes the same rows pays for these, too. */
  readonly answerWrites: number;
  /** In the long run. */
  readonly storedBytes: ByTable<number>;
  /** In a month without events; empty where it is left out. */
  readonly idle: SpentByKind;
}

/** What was simulated. */
type Stretch = Usage & { readonly seconds: number };

/** Stretches by what they simulate: of a keyed job it is the same at all higher rates. */
export type Stretches = Map<string, Promise<Stretch>>;

const MINUTE_MS = 60_000;
/** The schedule is not at a full minute, as on AWS: windows are found closed, and timers half due. */
const SCHEDULE_MS = 30_000;
/** After so long without events every lane is silent, and every window closed. */
const SILENT_MINUTES = 80;
const IDLE_MINUTES = 10;

export async function measure(of: Measuring, known: Stretches = new Map()): Promise<Usage> {
  const planned = { ...of, plan: of.plan ?? planOf(of.family) };
  const { rate, plan } = planned;
  const simulated = Math.min(rate, plan.rateMax);
  const most = await usageAt(planned, simulated, known);
  if (simulated === rate) return most;
  if (plan.lanes === 'share' || simulated <= SHOP_RATE)
    return extrapolated(NO_USAGE, most, rate / simulated);
  return extrapolated(await usageAt(planned, SHOP_RATE, known), most, rate / simulated);
}

type Planned = Measuring & { readonly plan: CostPlan };

/** In a month at the rate that is simulated, on the shards of the whole one. */
async function usageAt(planned: Planned, simulated: number, known: Stretches): Promise<Usage> {
  const { family, rate, shardsOf, plan } = planned;
  const streams = laneStreamsOf(family.usual);
  const lanes = new Map(
    streams.map((stream) => [stream, lanesOf(plan, shardsOf(stream), simulated / rate)]),
  );
  const name = JSON.stringify([family.name, simulated, [...lanes]]);
  const stretch = known.get(name) ?? simulate(planned, simulated, lanes);
  known.set(name, stretch);
  const { events, seconds, spent, answerWrites, storedBytes, idle } = await stretch;
  const sources = streamsOf(family.usual);
  const eventsAMonth = sumOf(sources.map(shareOf)) * simulated * SECONDS_A_MONTH;
  const factor = eventsAMonth / events;
  const lanesFactor = sumOf(streams.map(shardsOf)) / sumOf([...lanes.values()]);
  const part = (factor * seconds) / SECONDS_A_MONTH;
  return {
    events: eventsAMonth,
    spent: scaled(spent, (SECONDS_A_MONTH / seconds) * lanesFactor, factor),
    answerWrites: answerWrites * factor,
    storedBytes: { state: part * storedBytes.state, answers: part * storedBytes.answers },
    idle,
  };
}

const NO_USAGE: Usage = {
  events: 0,
  spent: new Map(),
  answerWrites: 0,
  storedBytes: { state: 0, answers: 0 },
  idle: new Map(),
};

/**
 * Writes and storage on the line through two rates: what batches and runs cost whatever is in them, and what events cost on
 * top. Reads and requests in proportion to the higher rate, an upper bound: small reads are rounded up to 4 KB, so a line
 * through low rates is too flat.
 */
function extrapolated(low: Usage, high: Usage, factor: number): Usage {
  const events = high.events * factor;
  const along = (events - low.events) / (high.events - low.events);
  const on = (a: number, b: number): number => a + (b - a) * along;
  const spent = [...high.spent].map(([kind, most]) => {
    const write = on(low.spent.get(kind)?.write ?? 0, most.write);
    return [kind, { ...timesSpent(most, 1, factor), write }] as const;
  });
  const { state, answers } = low.storedBytes;
  return {
    ...high,
    events,
    spent: new Map(spent),
    answerWrites: on(low.answerWrites, high.answerWrites),
    storedBytes: {
      state: on(state, high.storedBytes.state),
      answers: on(answers, high.storedBytes.answers),
    },
  };
}

/** At least one; of a share, as many as leave them about as full as they are at the whole rate. */
const lanesOf = (plan: CostPlan, shards: number, part: number): number =>
  plan.lanes === 'all' ? shards : Math.max(1, Math.round(shards * part));

const scaled = (spent: SpentByKind, invocations: number, consumed: number): SpentByKind =>
  new Map([...spent].map(([kind, each]) => [kind, timesSpent(each, invocations, consumed)]));

/**
 * Functions that ingest are warm, as they are on AWS while records come; scheduled ones are cold, and read all that they need, which is an
 * upper bound.
 */
async function simulate(
  { family, plan, settings, batching, idle, keeps = () => true }: Planned,
  rate: number,
  lanes: ReadonlyMap<string, number>,
): Promise<Stretch> {
  const startMs = START_MS + plan.warmUpMinutes * MINUTE_MS;
  const endMs = startMs + plan.measuredMinutes * MINUTE_MS;
  const shops = Math.ceil(rate / SHOP_RATE);
  const first = Math.ceil(Math.min(rate, plan.warmUpRateMax) / SHOP_RATE);
  const later = { fromMs: startMs, shops };
  let spent = new Map<string, Spent>();
  let answerWrites = 0;
  const deployment = new Deployment(family.usual, {
    batching,
    linesEach: PACKED,
    lanes,
    engines: { ingest: 'warm', scheduled: 'cold' },
    settings,
    firstRunMs: START_MS + SCHEDULE_MS,
    onInvocation({ by, why, state, rows }: Invoked) {
      const kind = `${by}:${why}`;
      spent.set(kind, addSpent(spent.get(kind) ?? NOTHING, state, rows));
      answerWrites += rows.write;
    },
  });
  /** What is spent from one time to another. */
  const until = async (ms: number): Promise<SpentByKind> => {
    await deployment.passTimeTo(ms);
    const taken = spent;
    spent = new Map();
    return taken;
  };
  let before: ByTable<Stored> | undefined;
  let events = 0;
  const traffic = streamsOf(family.usual).map((stream) => trafficOf(stream, { first, later }));
  for (const event of inOrderOfArrival(traffic)) {
    if (event.arrivalMs >= endMs) break;
    if (!keeps(event)) continue;
    if (event.arrivalMs >= startMs) {
      if (!before) {
        await until(startMs);
        answerWrites = 0;
      }
      before ??= storedBy(deployment);
      events += 1;
    }
    await deployment.take(event);
  }
  const measured = await until(endMs);
  if (!before) throw new Error(`${family.name}: no event in the stretch that is measured`);
  const after = storedBy(deployment);
  const seconds = (endMs - startMs) / 1_000;
  const storedBytes = {
    state: bytesInTheLongRun(before.state, after.state, seconds, 'stays'),
    answers: bytesInTheLongRun(before.answers, after.answers, seconds, 'grows'),
  };
  const common = { events, seconds, spent: measured, answerWrites, storedBytes };
  if (idle === 'leftOut') return { ...common, idle: new Map() };
  const silentMs = endMs + SILENT_MINUTES * MINUTE_MS;
  await until(silentMs);
  const factor = SECONDS_A_MONTH / (IDLE_MINUTES * 60);
  const alone = await until(silentMs + IDLE_MINUTES * MINUTE_MS);
  return { ...common, idle: scaled(alone, factor, factor) };
}

function storedBy({ scene }: Deployment): ByTable<Stored> {
  const now = scene.clock.now();
  const { state } = scene.ports.stored;
  return { state: storedIn(state.items(), now), answers: storedIn(scene.answers(), now) };
}
