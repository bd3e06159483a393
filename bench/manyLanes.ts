/**
 * Runs of the two scheduled functions over 40 lanes, alone and at the end of a life of 20,000: what a run takes must follow
 * from those that live.
 */
import { hotPages } from '../functions/hotPages/job.ts';
import { orderReconcile } from '../functions/orderReconcile/job.ts';
import { days, minutes } from '../shared/index.ts';
import type { Job } from '../shared/job/job.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { hasWindows } from '../shared/job/traits.ts';
import { WHOLE_RANGE } from '../shared/model/hashRange.ts';
import { processingTime, watermarkAt } from '../shared/model/time.ts';
import { putJobWatermark } from '../shared/state/keyed/jobClock.ts';
import { putClosing, putDeadLanes, shardNumbered } from './deadLanes.ts';
import type { Line } from './records.ts';
import { type Cost, costRows, msOf, type Row, rowsIn } from './report.ts';
import { type Invocation, Scene, type Temperature } from './scene.ts';
import { addSpent } from './spent.ts';

const row = rowsIn('a run over 40 lanes, of a job that has had many more');
const LIVE = 40;
const START_MS = Date.parse('2026-03-02T00:00:00Z');
/** As many lanes as `closing` can hold. */
const MERGED = 19_000;
const RETIRED_A_RUN = 2_000;
/** What a long life may cost in proportion to a short one. */
const FLAT_WITHIN = 2;

interface Case {
  readonly what: string;
  readonly job: Job;
  event(n: number, at: number): object;
}

const CASES: readonly Case[] = [
  {
    what: 'closing hot pages',
    job: hotPages.build(),
    event: (n, timestamp) => {
      return { url: `/page/${n % 7}`, method: 'GET', ip: `10.0.0.${n % 200}`, timestamp };
    },
  },
  {
    what: 'firing timers of payments',
    job: orderReconcile.build(),
    event: (n, timestamp) => {
      const id = String(timestamp + n);
      return { orderId: id, type: 'pay', txId: id, timestamp };
    },
  },
];

/** @param dead lanes that have ended before */
export async function measureManyLanes(dead: number, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  const retired = `the slowest run that retires up to 2,000 of ${dead.toLocaleString('en')} lanes`;
  for (const each of CASES) {
    const [few, many] = [new Life(each, 0), new Life(each, dead)];
    await few.begin();
    rows.push(row(`${each.what}: ${retired}`, Math.max(...(await many.begin())), 'ms'));
    for (const temperature of ['warm', 'cold'] as const) {
      const [alone, after]: [Invocation<unknown>[], Invocation<unknown>[]] = [[], []];
      // In turns, so that whatever else the machine does meets both alike.
      for (let round = 0; round < rounds; round += 1) {
        alone.push(await few.run(temperature));
        after.push(await many.run(temperature));
      }
      const what = `${each.what}, ${temperature}`;
      const base = costOf(alone);
      rows.push(...costRows(row, `${what}, alone`, base));
      rows.push(...costRows(row, `${what}, after many`, costOf(after), base, FLAT_WITHIN));
    }
  }
  return rows;
}

const costOf = (runs: readonly Invocation<unknown>[]): Cost => ({
  ms: msOf(runs),
  RRU: addSpent(...runs.map(({ state }) => state)).read / runs.length,
});

/** A job on 40 lanes, the children of many others. */
class Life {
  readonly #case: Case;
  readonly #dead: number;
  readonly #scene: Scene;
  #round = 0;

  constructor(of: Case, dead: number) {
    this.#case = of;
    this.#dead = dead;
    const parentsOf = async (_: string, shard: string) => {
      const n = Number(shard.slice(-12));
      return n >= LIVE ? [shardNumbered(n - LIVE)] : [];
    };
    const shards = {
      shardsOf: async () => [],
      parentsOf,
      rangeOf: async () => WHOLE_RANGE,
      childrenOf: async () => [],
    };
    this.#scene = new Scene(of.job, { ports: { shards } });
  }

  /** Runs until all that has ended is retired, and says how long each took (ms), ingest included. */
  async begin(): Promise<number[]> {
    const { job, ports } = this.#scene;
    const { state } = ports.stored;
    const silentSince = processingTime(START_MS - days(9));
    const dying = { dead: this.#dead, live: LIVE, silentSince, watermark: silentSince };
    const merged = await putDeadLanes(state, job, dying);
    if (job.kind === 'status') await putJobWatermark(state, job.id, watermarkAt(silentSince));
    else if (this.#dead > 0)
      await putClosing(state, job, new Map([...merged].slice(0, MERGED)), silentSince);
    const times: number[] = [];
    for (let run = 0; run < Math.ceil(this.#dead / RETIRED_A_RUN) + 5; run += 1) {
      const start = performance.now();
      await this.#feed();
      await this.#schedule('warm').catch(() => {});
      times.push(performance.now() - start);
    }
    return times;
  }

  /** A minute later, after new events on every lane. */
  async run(engine: Temperature): Promise<Invocation<unknown>> {
    await this.#feed();
    return this.#schedule(engine);
  }

  async #feed(): Promise<void> {
    const [stream = ''] = streamsOf(this.#scene.job);
    this.#round += 1;
    const arrivalMs = START_MS + this.#round * minutes(1);
    for (let i = 0; i < LIVE; i += 1) {
      const lines = [0, 1, 2].map((n): Line => {
        const line = JSON.stringify(this.#case.event(10 * i + n, arrivalMs));
        return { stream, line, partitionKey: 'key', arrivalMs };
      });
      await this.#scene.ingest(lines, { shard: shardNumbered(this.#dead + i) });
    }
  }

  #schedule(engine: Temperature): Promise<Invocation<unknown>> {
    const scene = this.#scene;
    return hasWindows(scene.job) ? scene.close('schedule', engine) : scene.fire('schedule', engine);
  }
}
