/** Measures what a job spends at a rate, and scales it to a month. See `plans.ts` for what is simulated of it. */
import { laneStreamsOf } from '../../shared/job/repartition.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { sumOf, timesSpent } from '../spent.ts';
import { DAYS_A_MONTH, DAYS_A_YEAR, type DayEnd, dayEndOf, monthOfDays } from './dayEnd.ts';
import { type CostPlan, planOf } from './plans.ts';
import { SECONDS_A_MONTH } from './prices.ts';
import {
  type ByTable,
  type Simulating,
  type SpentByKind,
  type Stretch,
  scaled,
  simulate,
} from './stretch.ts';
import { SHOP_RATE, shareOf } from './traffic.ts';

export interface Measuring extends Omit<Simulating, 'plan'> {
  /** Events a second of each of its streams; of `receipts` half as many. */
  readonly rate: number;
  readonly shardsOf: (stream: string) => number;
  readonly plan?: CostPlan;
}

/** In a month. */
export interface Usage {
  readonly events: number;
  readonly spent: SpentByKind;
  /** Of that, the write units of answers, with their indexes: whoever computes the same rows pays for these, too. */
  readonly answerWrites: number;
  /** In the long run. */
  readonly storedBytes: ByTable<number>;
  /** In a month without events; empty where it is left out. */
  readonly idle: SpentByKind;
  /** As it was simulated, of a job whose windows are days. */
  readonly dayEnd?: DayEnd;
}

/** Stretches by what they simulate: of a keyed job it is the same at all higher rates. */
export type Stretches = Map<string, Promise<Stretch>>;

export async function measure(of: Measuring, known: Stretches = new Map()): Promise<Usage> {
  return withDayEnds(await measureEvents(of, known));
}

async function measureEvents(of: Measuring, known: Stretches): Promise<Usage> {
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
  const { events, seconds, spent, answerWrites, storedBytes, idle, dayEnd } = await stretch;
  const sources = streamsOf(family.usual);
  const eventsAMonth = sumOf(sources.map(shareOf)) * simulated * SECONDS_A_MONTH;
  const factor = eventsAMonth / events;
  const lanesFactor = sumOf(streams.map(shardsOf)) / sumOf([...lanes.values()]);
  const part = (factor * seconds) / SECONDS_A_MONTH;
  return {
    events: eventsAMonth,
    spent: scaled(spent, (SECONDS_A_MONTH / seconds) * lanesFactor, factor),
    answerWrites: answerWrites * factor,
    storedBytes: byTable((table) => part * storedBytes[table]),
    idle,
    ...(dayEnd ? { dayEnd } : {}),
  };
}

/** The rows of days are there for a year, as those of all windows. */
function withDayEnds(usage: Usage): Usage {
  if (!usage.dayEnd) return usage;
  const { events, spent, answerWrites, storedBytes, dayEnd } = usage;
  const each = dayEndOf(dayEnd, events / DAYS_A_MONTH / dayEnd.events);
  const bytes = { state: 0, ...each.bytes };
  return {
    ...usage,
    spent: new Map([...spent, ['close:dayEnd', monthOfDays(each)]]),
    answerWrites: answerWrites + each.spent.answers.write * DAYS_A_MONTH,
    storedBytes: byTable((table) => storedBytes[table] + bytes[table] * DAYS_A_YEAR),
  };
}

const byTable = (bytesOf: (table: keyof ByTable<number>) => number): ByTable<number> => ({
  state: bytesOf('state'),
  answers: bytesOf('answers'),
  indexes: bytesOf('indexes'),
});

const NO_USAGE: Usage = {
  events: 0,
  spent: new Map(),
  answerWrites: 0,
  storedBytes: { state: 0, answers: 0, indexes: 0 },
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
  return {
    ...high,
    events,
    spent: new Map(spent),
    answerWrites: on(low.answerWrites, high.answerWrites),
    storedBytes: byTable((table) => on(low.storedBytes[table], high.storedBytes[table])),
  };
}

/** At least one; of a share, as many as leave them about as full as they are at the whole rate. */
const lanesOf = (plan: CostPlan, shards: number, part: number): number =>
  plan.lanes === 'all' ? shards : Math.max(1, Math.round(shards * part));
