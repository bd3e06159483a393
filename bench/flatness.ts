/** Units per event as the lanes grow, and the traffic with them, so that every lane carries the same load. */
import { hotItems } from '../functions/hotItems/job.ts';
import { type BenchEvent, replays, speedFor } from './events.ts';
import type { Row } from './report.ts';
import { type ClosingUnits, type SimulationReport, simulate } from './simulation.ts';
import { addUnits, jobOf, perThousand, type Units } from './stand.ts';

const SECTION = 'units per 1,000 events as lanes grow: all of ingest and closing';

/** Of each lane: events a second, and how many make a batch, so that a lane commits every 10 seconds. */
const LANE_RATE = 50;
const LANE_BATCH = 500;
const COMPARED_SECONDS = 25 * 60;

/** Flat: no more than this times what one lane costs. Whether 4 or 5 windows closed in time is already 5 %. */
const FLAT_WITHIN = 1.2;

export async function measureFlatness(
  events: readonly BenchEvent[],
  laneCounts: readonly number[],
): Promise<Row[]> {
  const rows: Row[] = [];
  const single = new Map<string, Units>();
  for (const lanes of laneCounts) {
    const report = await simulate({
      job: jobOf(hotItems),
      events: replays(events, {
        speed: speedFor(events, LANE_RATE * lanes),
        total: LANE_RATE * COMPARED_SECONDS * lanes,
      }),
      batch: LANE_BATCH,
      lanes,
      temperatures: ['cold', 'warm'],
    });
    for (const closer of report.closers) {
      const units = unitsPerThousand(report, closer);
      const base = single.get(closer.temperature);
      if (!base) single.set(closer.temperature, units);
      rows.push(...laneRows(lanes, report, closer, base));
    }
  }
  return rows;
}

function unitsPerThousand({ ingest, thousands }: SimulationReport, closer: ClosingUnits): Units {
  const { write, read } = addUnits(addUnits(ingest, closer.closing), closer.idle);
  return { write: write / thousands, read: read / thousands };
}

function laneRows(
  lanes: number,
  report: SimulationReport,
  closer: ClosingUnits,
  base: Units | undefined,
): Row[] {
  const { thousands } = report;
  const { temperature, closing, idle, idleRuns, runs } = closer;
  const units = unitsPerThousand(report, closer);
  const what = `${lanes} ${lanes === 1 ? 'lane' : 'lanes'}, ${temperature} closer`;
  const budgetOf = (single: number | undefined) =>
    single === undefined ? {} : { budget: { atMost: single * FLAT_WITHIN } };
  return [
    {
      section: SECTION,
      what,
      measured: units.write,
      unit: 'WRU',
      ...budgetOf(base?.write),
      note: `${runs} runs ${perThousand(closing, thousands)}`,
    },
    {
      section: SECTION,
      what,
      measured: units.read,
      unit: 'RRU',
      ...budgetOf(base?.read),
      note: `${idleRuns} idle runs ${perThousand(idle, thousands)}`,
    },
  ];
}
