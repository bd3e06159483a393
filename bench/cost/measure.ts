/** Measures what a job spends at a rate, and scales it to a month. See `plans.ts` for what is simulated of it. */
import type { JobFamily } from '../../shared/index.ts';
import { streamsOf } from '../../shared/job/head.ts';
import { equalRanges, shardOf } from '../../shared/model/shardRanges.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import { type CostPlan, planOf } from './plans.ts';
import { SECONDS_A_MONTH } from './prices.ts';
import { type Batching, CostScene, noneSpent, type Spent } from './scene.ts';
import { bytesInTheLongRun, type Stored } from './storage.ts';
import { inOrderOfArrival, SHOP_RATE, START_MS, shareOf, trafficOf } from './traffic.ts';

export interface Measuring {
  readonly family: JobFamily;
  /** Events a second of each of its streams; of `receipts` half as many. */
  readonly rate: number;
  readonly shardsOf: (stream: string) => number;
  readonly batching: Batching;
  readonly settings: EngineSettings;
  readonly plan?: CostPlan;
  /** Whether to go on without events, to see what the schedule spends; it takes a simulated hour and a half. */
  readonly idle: 'measured' | 'leftOut';
}

/** By kind of invocation; those of ingest by stream: `ingest:orders`. */
export type SpentByKind = ReadonlyMap<string, Spent>;

/** In a month. */
export interface Usage {
  readonly job: string;
  readonly rate: number;
  readonly events: number;
  readonly spent: SpentByKind;
  /** In the long run. */
  readonly storedBytes: { readonly state: number; readonly answers: number };
  /** In a month without events; empty where it is left out. */
  readonly idle: SpentByKind;
}

/** What was simulated, as it was measured. */
interface Stretch {
  readonly events: number;
  readonly seconds: number;
  readonly spent: SpentByKind;
  readonly before: ReturnType<CostScene['stored']>;
  readonly after: ReturnType<CostScene['stored']>;
  readonly idle: SpentByKind;
}

/** Stretches by what they simulate: of a keyed job it is the same at all higher rates. */
export type Stretches = Map<string, Promise<Stretch>>;

const MINUTE_MS = 60_000;
/** After so long without events every lane is silent, and every window closed. */
const SILENT_MINUTES = 80;
const IDLE_MINUTES = 10;

export async function measure(measuring: Measuring, known: Stretches = new Map()): Promise<Usage> {
  const { rate, plan = planOf(measuring.family) } = measuring;
  const simulated = Math.min(rate, plan.rateMax);
  const most = await usageAt({ ...measuring, plan }, simulated, known);
  if (simulated === rate) return most;
  if (plan.lanes === 'share' || simulated <= SHOP_RATE) return extrapolated(NOTHING, most, rate);
  return extrapolated(await usageAt({ ...measuring, plan }, SHOP_RATE, known), most, rate);
}

type Planned = Measuring & { readonly plan: CostPlan };

/** In a month at the rate that is simulated, on the shards of the whole one. */
async function usageAt(measuring: Planned, simulated: number, known: Stretches): Promise<Usage> {
  const { family, rate, shardsOf, plan } = measuring;
  const streams = streamsOf(family.build());
  const lanes = new Map(
    streams.map((stream) => [stream, lanesOf(plan, shardsOf(stream), simulated / rate)]),
  );
  const name = JSON.stringify([family.name, simulated, [...lanes]]);
  const stretch = known.get(name) ?? simulate(measuring, simulated, lanes);
  known.set(name, stretch);
  const { events, seconds, spent, before, after, idle } = await stretch;
  const shares = streams.reduce((sum, stream) => sum + shareOf(stream), 0);
  const eventsAMonth = shares * simulated * SECONDS_A_MONTH;
  const part = (eventsAMonth / events) * (seconds / SECONDS_A_MONTH);
  const all = streams.reduce((sum, stream) => sum + shardsOf(stream), 0);
  const some = [...lanes.values()].reduce((sum, count) => sum + count, 0);
  const bytes = (from: Stored, to: Stored, lasting: 'grows' | 'stays') =>
    part * bytesInTheLongRun(from, to, seconds, lasting);
  return {
    job: family.name,
    rate: simulated,
    events: eventsAMonth,
    spent: scaled(spent, {
      units: eventsAMonth / events,
      invocations: ((SECONDS_A_MONTH / seconds) * all) / some,
    }),
    storedBytes: {
      state: bytes(before.state, after.state, 'stays'),
      answers: bytes(before.answers, after.answers, 'grows'),
    },
    idle,
  };
}

const NOTHING = {
  rate: 0,
  spent: new Map(),
  storedBytes: { state: 0, answers: 0 },
} satisfies Pick<Usage, 'rate' | 'spent' | 'storedBytes'>;

/**
 * Writes and storage on the line through two rates: what batches and runs cost whatever is in them, and what events cost on
 * top. Reads and requests in proportion to the higher rate, an upper bound: small reads are rounded up to 4 KB, so a line
 * through low rates is too flat.
 */
function extrapolated(low: Pick<Usage, keyof typeof NOTHING>, high: Usage, rate: number): Usage {
  const on = (a: number, b: number): number =>
    a + ((b - a) * (rate - low.rate)) / (high.rate - low.rate);
  const spent = [...high.spent].map(([kind, most]): [string, Spent] => {
    const least = low.spent.get(kind) ?? noneSpent();
    const { invocations } = most;
    return [
      kind,
      {
        invocations,
        requests: (most.requests * rate) / high.rate,
        read: (most.read * rate) / high.rate,
        write: on(least.write, most.write),
      },
    ];
  });
  return {
    ...high,
    rate,
    events: (high.events * rate) / high.rate,
    spent: new Map(spent),
    storedBytes: {
      state: on(low.storedBytes.state, high.storedBytes.state),
      answers: on(low.storedBytes.answers, high.storedBytes.answers),
    },
  };
}

/** At least one; of a share, as many as leave them about as full as they are at the whole rate. */
const lanesOf = (plan: CostPlan, shards: number, part: number): number =>
  plan.lanes === 'all' ? shards : Math.max(1, Math.round(shards * part));

function scaled(spent: SpentByKind, factors: { units: number; invocations: number }): SpentByKind {
  return new Map(
    [...spent].map(([kind, { invocations, requests, read, write }]) => [
      kind,
      {
        invocations: invocations * factors.invocations,
        requests: requests * factors.units,
        read: read * factors.units,
        write: write * factors.units,
      },
    ]),
  );
}

async function simulate(
  { family, plan, settings, batching, idle }: Planned,
  rate: number,
  lanes: ReadonlyMap<string, number>,
): Promise<Stretch> {
  const startMs = START_MS + plan.warmUpMinutes * MINUTE_MS;
  const endMs = startMs + plan.measuredMinutes * MINUTE_MS;
  const shops = Math.ceil(rate / SHOP_RATE);
  const shopsBefore = Math.ceil(Math.min(rate, plan.warmUpRateMax) / SHOP_RATE);
  const traffics = [...lanes.keys()].map((stream) =>
    trafficOf(stream, { first: shopsBefore, later: { fromMs: startMs, shops } }),
  );
  const shardFor = new Map([...lanes].map(([stream, count]) => [stream, sharder(count)]));
  const scene = new CostScene(family.build(), settings, START_MS);
  let before: Stretch['before'] | undefined;
  let events = 0;
  for (const event of inOrderOfArrival(traffics)) {
    if (event.arrivalMs >= endMs) break;
    if (event.arrivalMs >= startMs) {
      before ??= await beginning(scene, startMs);
      events += 1;
    }
    const shard = shardFor.get(event.stream)?.(event.partitionKey) ?? '';
    if (scene.isDue(event.arrivalMs)) await scene.passTimeTo(event.arrivalMs);
    await scene.take(event, shard, batching);
  }
  await scene.passTimeTo(endMs);
  const spent = scene.takeSpent();
  if (!before) throw new Error(`${family.name}: no event in the stretch that is measured`);
  const after = scene.stored();
  return {
    events,
    seconds: (endMs - startMs) / 1_000,
    spent,
    before,
    after,
    idle: idle === 'measured' ? await idleMonth(scene, endMs) : new Map(),
  };
}

async function beginning(scene: CostScene, atMs: number): Promise<Stretch['before']> {
  await scene.passTimeTo(atMs);
  scene.takeSpent();
  return scene.stored();
}

/** What the schedule alone spends in a month when nothing has come for long. */
async function idleMonth(scene: CostScene, fromMs: number): Promise<SpentByKind> {
  const silentMs = fromMs + SILENT_MINUTES * MINUTE_MS;
  await scene.passTimeTo(silentMs);
  scene.takeSpent();
  await scene.passTimeTo(silentMs + IDLE_MINUTES * MINUTE_MS);
  const factor = SECONDS_A_MONTH / (IDLE_MINUTES * 60);
  return scaled(scene.takeSpent(), { units: factor, invocations: factor });
}

/** The shard of a key; hashed once, because MD5 would be most of the simulation. */
function sharder(shards: number): (partitionKey: string) => string {
  const ranges = equalRanges(shards);
  const known = new Map<string, string>();
  return (key) => {
    const shard = known.get(key) ?? shardOf(key, ranges).shard;
    known.set(key, shard);
    return shard;
  };
}
