/** Units of closing hot items, on top of ingest, at three rates. */
import { hotItems } from '../functions/hotItems/job.ts';
import { type BenchEvent, replays, speedFor } from './events.ts';
import type { Row } from './report.ts';
import { type ClosingUnits, simulate } from './simulation.ts';
import { jobOf, perThousand, type Units } from './stand.ts';

const SECTION = 'closing hot items, units per 1,000 events on top of ingest';

interface Rate {
  readonly name: string;
  readonly speed: number;
  readonly total: number;
  readonly batch: number;
  readonly budget: Units;
}

/** At `share` of the length that the figures need. */
export async function measureClosing(events: readonly BenchEvent[], share: number): Promise<Row[]> {
  const rates: readonly Rate[] = [
    {
      name: '14 events/s, batches of 1,000',
      speed: 1,
      total: events.length,
      batch: 1_000,
      budget: { write: 5, read: 6 },
    },
    {
      name: '140 events/s, batches of 1,000',
      speed: 10,
      total: Math.round(events.length * 10 * share),
      batch: 1_000,
      budget: { write: 2, read: 3 },
    },
    {
      name: '1,000 events/s, batches of 9,000',
      speed: speedFor(events, 1_000),
      total: Math.round(4_500_000 * share),
      batch: 9_000,
      budget: { write: 1, read: 2 },
    },
  ];
  const rows: Row[] = [];
  for (const rate of rates) rows.push(...(await rowsAt(rate, events)));
  return rows;
}

async function rowsAt(rate: Rate, events: readonly BenchEvent[]): Promise<Row[]> {
  const { closers, thousands } = await simulate({
    job: jobOf(hotItems),
    events: replays(events, rate),
    batch: rate.batch,
    lanes: 1,
    temperatures: ['cold', 'warm'],
  });
  return closers.flatMap((closer) => closingRows(rate, closer, thousands));
}

function closingRows(rate: Rate, closer: ClosingUnits, thousands: number): Row[] {
  const { closing, idle, rows, runs, idleRuns, windows } = closer;
  const common = { section: SECTION, what: `${rate.name}, ${closer.temperature} closer` };
  return [
    {
      ...common,
      measured: closing.write / thousands,
      unit: 'WRU',
      budget: { atMost: rate.budget.write },
      note: `${windows} windows in ${runs} runs; apart: rows ${perThousand(rows, thousands)}`,
    },
    {
      ...common,
      measured: closing.read / thousands,
      unit: 'RRU',
      budget: { atMost: rate.budget.read },
      note: `apart: ${idleRuns} idle runs ${perThousand(idle, thousands)}`,
    },
  ];
}
