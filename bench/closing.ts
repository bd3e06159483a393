/** Units of closing hot items, on top of ingest: at three rates, and as the lanes grow and the traffic with them. */
import { userBehavior } from '../functions/hotItems/events.ts';
import { hotItems } from '../functions/hotItems/job.ts';
import { Deployment } from './deployment.ts';
import { type BenchEvent, lineOf, replays, speedFor } from './events.ts';
import { PACKED } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import type { Temperature } from './scene.ts';
import { addSpent, NOTHING, perThousand } from './spent.ts';

const TEMPERATURES: readonly Temperature[] = ['cold', 'warm'];
const MINUTE_MS = 60_000;

interface Traffic {
  readonly speed: number;
  readonly total: number;
  readonly batch: number;
  readonly lanes: number;
}

/** What each function spent, of closing the runs that found nothing to do apart: scheduled ones, and early nudges. */
async function simulate(events: readonly BenchEvent[], traffic: Traffic, scheduled: Temperature) {
  const spent = { ingest: NOTHING, closing: NOTHING, idle: NOTHING, rows: NOTHING, windows: 0 };
  const deployment = new Deployment(hotItems.build(), {
    batching: { windowMs: Number.POSITIVE_INFINITY, lines: traffic.batch },
    linesEach: PACKED,
    lanes: new Map([[userBehavior.stream, traffic.lanes]]),
    engines: { ingest: 'warm', scheduled },
    firstRunMs: (events[0]?.timestamp ?? 0) + MINUTE_MS,
    onInvocation(invoked) {
      if (invoked.by === 'fire') return;
      const isIdle = invoked.by === 'close' && invoked.report.outcome === 'nothingDue';
      const kind = invoked.by === 'ingest' ? 'ingest' : isIdle ? 'idle' : 'closing';
      spent[kind] = addSpent(spent[kind], invoked.state);
      spent.rows = addSpent(spent.rows, invoked.rows);
      if (invoked.by === 'close') spent.windows += invoked.report.windowsClosed;
    },
  });
  for (const event of replays(events, traffic)) await deployment.take(lineOf(event));
  return { ...spent, thousands: traffic.total / 1_000 };
}

const closingRow = rowsIn('closing hot items, units per 1,000 events on top of ingest');

/** At `share` of the length that the figures need. */
export async function measureClosing(events: readonly BenchEvent[], share: number): Promise<Row[]> {
  const rates = [
    ['14 events/s', 1, events.length, 1_000, { WRU: 5, RRU: 6 }],
    ['140 events/s', 10, 10 * events.length * share, 1_000, { WRU: 2, RRU: 3 }],
    ['1,000 events/s', speedFor(events, 1_000), 4_500_000 * share, 9_000, { WRU: 1, RRU: 2 }],
  ] as const;
  const rows: Row[] = [];
  for (const [rate, speed, total, batch, budget] of rates) {
    for (const temperature of TEMPERATURES) {
      const what = `${rate}, batches of ${batch.toLocaleString('en')}, ${temperature} closer`;
      const traffic = { speed, total: Math.round(total), batch, lanes: 1 };
      const played = await simulate(events, traffic, temperature);
      const { closing, idle, thousands, windows } = played;
      const per = (spent: typeof idle) => perThousand(spent, thousands);
      const runs = `${windows} windows in ${closing.invocations} runs; apart: rows ${per(played.rows)}`;
      const idleRuns = `apart: ${idle.invocations} idle runs ${per(idle)}`;
      rows.push(
        closingRow(what, closing.write / thousands, 'WRU', { atMost: budget.WRU, note: runs }),
        closingRow(what, closing.read / thousands, 'RRU', { atMost: budget.RRU, note: idleRuns }),
      );
    }
  }
  return rows;
}

const laneRow = rowsIn('units per 1,000 events as lanes grow: all of ingest and closing');

/** Of each lane: events a second, and how many make a batch, so that a lane commits every 10 seconds. */
const LANE_RATE = 50;
const LANE_BATCH = 500;
const COMPARED_SECONDS = 25 * 60;

/** Flat: no more than this times what one lane costs. Whether 4 or 5 windows closed in time is already 5 %. */
const FLAT_WITHIN = 1.2;

/** The first of the counts is what the others are held against. */
export async function measureFlatness(
  events: readonly BenchEvent[],
  laneCounts: readonly number[],
): Promise<Row[]> {
  const rows: Row[] = [];
  const most = new Map<Temperature, { readonly WRU: number; readonly RRU: number }>();
  for (const lanes of laneCounts) {
    const speed = speedFor(events, LANE_RATE * lanes);
    const total = LANE_RATE * COMPARED_SECONDS * lanes;
    for (const temperature of TEMPERATURES) {
      const traffic = { speed, total, batch: LANE_BATCH, lanes };
      const { ingest, closing, idle, thousands } = await simulate(events, traffic, temperature);
      const all = addSpent(ingest, closing, idle);
      const [WRU, RRU] = [all.write / thousands, all.read / thousands];
      const what = `${lanes} ${lanes === 1 ? 'lane' : 'lanes'}, ${temperature} closer`;
      const runs = `${closing.invocations} runs ${perThousand(closing, thousands)}`;
      const idleRuns = `${idle.invocations} idle runs ${perThousand(idle, thousands)}`;
      const budget = most.get(temperature);
      rows.push(
        laneRow(what, WRU, 'WRU', { atMost: budget?.WRU, note: runs }),
        laneRow(what, RRU, 'RRU', { atMost: budget?.RRU, note: idleRuns }),
      );
      if (!budget) most.set(temperature, { WRU: WRU * FLAT_WITHIN, RRU: RRU * FLAT_WITHIN });
    }
  }
  return rows;
}
