/** Units of the keyed jobs per 1,000 events, beside the naive design over the same metered table. */
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../shared/adapters/meteredTable.ts';
import { stateTable } from '../shared/state/keys.ts';
import { type KeyedCase, keyedCases } from './keyedCases.ts';
import { runNaiveKeyed } from './keyedNaive.ts';
import { type Fill, type KeyedReport, play } from './keyedScene.ts';
import { sheetsStored } from './keyedStand.ts';
import type { Row } from './report.ts';
import { addUnits, perThousand } from './stand.ts';

const SECTION = 'keyed jobs, units per 1,000 events, all functions';

interface Filling extends Fill {
  readonly name: string;
  /** Whether batches are as large as the budget assumes. */
  readonly isBudgeted: boolean;
}

/** Lambda waits for no batch longer. */
const LONGEST_WINDOW_MS = 300_000;
const FILLINGS: readonly Filling[] = [
  { name: 'batches of 100', records: 100, windowMs: LONGEST_WINDOW_MS, isBudgeted: true },
  { name: 'batches of 1,000', records: 1_000, windowMs: LONGEST_WINDOW_MS, isBudgeted: true },
  { name: 'a batch every 10 s', records: 1_000, windowMs: 10_000, isBudgeted: false },
];

export async function measureKeyedUnits(events: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const each of await keyedCases(events)) {
    for (const fill of FILLINGS) {
      rows.push(...unitRows(each, fill, await play({ ...each, fill })));
    }
    rows.push(...(await naiveRows(each)));
  }
  return rows;
}

function unitRows({ job, budget }: KeyedCase, fill: Filling, report: KeyedReport): Row[] {
  const { ingest, fire, close, thousands, batches, stand } = report;
  const { write, read } = addUnits(addUnits(ingest, fire), close);
  const what = `${job.name}, ${fill.name}`;
  const closing = job.kind === 'window' ? `; closing ${perThousand(close, thousands)}` : '';
  const { timersDue, fireRuns } = report;
  const budgetOf = (units: number | undefined) =>
    units !== undefined && fill.isBudgeted ? { budget: { atMost: 1_000 * units } } : {};
  return [
    {
      section: SECTION,
      what,
      measured: write / thousands,
      unit: 'WRU',
      ...budgetOf(budget?.write),
      note: `${batches} batches; ingest ${perThousand(ingest, thousands)}${closing}`,
    },
    {
      section: SECTION,
      what,
      measured: read / thousands,
      unit: 'RRU',
      ...budgetOf(budget?.read),
      note: `fireTimers ${perThousand(fire, thousands)}: ${fireRuns} runs, ${timersDue} timers`,
    },
    ...(job.kind === 'status' ? leftRows(what, report, sheetsStored(stand)) : []),
  ];
}

/** What is out of the budget, and what has to be nothing. */
function leftRows(what: string, { stand, thousands }: KeyedReport, sheets: number): Row[] {
  let problems = 0;
  for (const table of stand.answers.values()) {
    for (const { problem } of table.items()) if (problem !== undefined) problems += 1;
  }
  return [
    { section: SECTION, what, measured: sheets, unit: 'sheets left', budget: { atMost: 0 } },
    {
      section: SECTION,
      what,
      measured: problems / thousands,
      unit: 'rows in the index at the end',
    },
  ];
}

async function naiveRows({ job, naive, lines }: KeyedCase): Promise<Row[]> {
  const meter = unitMeter();
  await runNaiveKeyed(meteredTable(memoryTable(stateTable('state')), meter), naive, lines);
  const common = { section: SECTION, what: `${job.name}, naive, without timers` };
  const thousands = lines.length / 1_000;
  return [
    { ...common, measured: meter.write / thousands, unit: 'WRU' },
    { ...common, measured: meter.read / thousands, unit: 'RRU' },
  ];
}
