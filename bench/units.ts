/** Units of each job per 1,000 events, beside the naive design over the same metered table. */
import { type Case, keyedCases, windowCases } from './cases.ts';
import { type Batching, Deployment } from './deployment.ts';
import type { BenchEvent } from './events.ts';
import { naiveUnits } from './naive.ts';
import { batchesOf } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';
import { addSpent, NOTHING, perThousand, type Spent } from './spent.ts';

const ingestRow = rowsIn('ingest units per 1,000 events');

/** By records of a batch: the write units that ingest may take, where that is bounded. */
type IngestBudgets = readonly (readonly [records: number, WRU: number | undefined, RRU?: number])[];

/** Of ingest alone. Every batch meets a cold function, which has to read its lane's head. */
export async function measureIngestUnits(events: readonly BenchEvent[]): Promise<Row[]> {
  const { hotItems, pv, pvuv, texts, profiles, funnel } = windowCases(events);
  const cases: readonly (readonly [Case, IngestBudgets])[] = [
    [
      hotItems,
      [
        [9_000, 3.5, 1],
        [1_000, 4.5],
      ],
    ],
    [
      pv,
      [
        [9_000, 0.2],
        [1_000, 1.1],
      ],
    ],
    [
      pvuv,
      [
        [9_000, 1.5],
        [1_000, 2.2],
      ],
    ],
    [
      texts,
      [
        [9_000, 8],
        [1_000, 8],
      ],
    ],
    [
      profiles,
      [
        [9_000, 12],
        [1_000, undefined],
      ],
    ],
    [
      funnel,
      [
        [9_000, 6],
        [1_000, undefined],
      ],
    ],
  ];
  const rows: Row[] = [];
  for (const [each, budgets] of cases) {
    for (const budget of budgets) rows.push(...(await ingestRows(each, budget)));
    const { write } = await naivePerThousand(each);
    rows.push(ingestRow(`${each.what}, naive`, write, 'WRU'));
  }
  return rows;
}

async function ingestRows(
  { what, job, lines }: Case,
  [records, WRU, RRU]: IngestBudgets[number],
): Promise<Row[]> {
  const scene = new Scene(job);
  let spent = NOTHING;
  let bytes = 0;
  for (const batch of batchesOf(lines, records)) {
    const { state, report } = await scene.ingest(batch, { engine: 'cold', linesEach: 1 });
    spent = addSpent(spent, state);
    bytes += report.commitBytes;
  }
  const thousands = lines.length / 1_000;
  const batches = `${what}, batches of ${records.toLocaleString('en')}`;
  const slices = `${(bytes / thousands / 1_000).toFixed(2)} kB of slices`;
  const write = { atMost: WRU, note: slices };
  const read = { atMost: RRU, note: 'every batch a cold start' };
  return [
    ingestRow(batches, spent.write / thousands, 'WRU', write),
    ...(RRU === undefined ? [] : [ingestRow(batches, spent.read / thousands, 'RRU', read)]),
  ];
}

async function naivePerThousand({ naive, lines }: Case) {
  const { write, read } = await naiveUnits(naive, lines);
  const thousands = lines.length / 1_000;
  return { write: write / thousands, read: read / thousands };
}

const keyedRow = rowsIn('keyed jobs, units per 1,000 events, all functions');

/** Lambda waits for no batch longer. */
const LONGEST_WINDOW_MS = 300_000;
/** How batches fill, and whether they are as large as the budget assumes. */
const FILLINGS = [
  { name: 'batches of 100', lines: 100, windowMs: LONGEST_WINDOW_MS, isBudgeted: true },
  { name: 'batches of 1,000', lines: 1_000, windowMs: LONGEST_WINDOW_MS, isBudgeted: true },
  { name: 'a batch every 10 s', lines: 1_000, windowMs: 10_000, isBudgeted: false },
] as const;
/** Of all that a job does. */
const KEYED_BUDGETS: Readonly<Record<string, { readonly WRU: number; readonly RRU: number }>> = {
  'order-timeout': { WRU: 1_010, RRU: 600 },
};
/** Of ingest and timers, without rows: what the keyed store takes, at batches of 1,000. */
const STORE_BUDGETS: Readonly<Record<string, number>> = {
  'login-fail': 6.5,
  'ad-blacklist': 6,
  'order-timeout': 8,
  'order-timeout, rows of problems': 8,
  'order-timeout, rows of problems, UUIDs': 27,
  'order-reconcile': 16,
  'order-reconcile, rows of problems': 16,
  'order-reconcile, rows of problems, UUIDs': 36,
};

/** Of all the functions of a job, until what is pending has fired. */
export async function measureKeyedUnits(events: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const each of await keyedCases(events)) {
    for (const filling of FILLINGS) {
      const budget = filling.isBudgeted ? KEYED_BUDGETS[each.what] : undefined;
      rows.push(...playedRows(each, filling.name, budget, await play(each, filling)));
    }
    const what = `${each.what}, naive, without timers`;
    const { write, read } = await naivePerThousand(each);
    rows.push(keyedRow(what, write, 'WRU'), keyedRow(what, read, 'RRU'));
  }
  return rows;
}

const MINUTE_MS = 60_000;
/** After the beginning of a minute of event time. */
const SCHEDULE_MS = 30_000;
/** What waits longest: an order for its payment, then `flushAfter`, and a few runs. */
const AFTERMATH_MS = 30 * MINUTE_MS;

type Played = Awaited<ReturnType<typeof play>>;

/** One shard a stream; scheduled runs are cold ones. */
async function play({ job, lines }: Case, batching: Batching) {
  const spent: Record<'ingest' | 'close' | 'fire', Spent> = {
    ingest: NOTHING,
    close: NOTHING,
    fire: NOTHING,
  };
  let stored = NOTHING;
  const deployment = new Deployment(job, {
    batching,
    linesEach: 1,
    engines: { ingest: 'warm', scheduled: 'cold' },
    firstRunMs: Math.ceil((lines[0]?.arrivalMs ?? 0) / MINUTE_MS) * MINUTE_MS + SCHEDULE_MS,
    onInvocation(invoked) {
      spent[invoked.by] = addSpent(spent[invoked.by], invoked.state, invoked.rows);
      if (invoked.by !== 'close') stored = addSpent(stored, invoked.state);
    },
  });
  for (const line of lines) await deployment.take(line);
  const endMs = lines.at(-1)?.arrivalMs ?? 0;
  await deployment.deliverRest(endMs);
  await deployment.passTimeTo(endMs + AFTERMATH_MS);
  return { ...spent, stored, scene: deployment.scene, thousands: lines.length / 1_000 };
}

function playedRows(
  { job, what: name }: Case,
  filling: string,
  budget: (typeof KEYED_BUDGETS)[string] | undefined,
  { ingest, close, fire, stored, scene, thousands }: Played,
): Row[] {
  const what = `${name}, ${filling}`;
  const { write, read } = addSpent(ingest, fire, close);
  const per = (spent: Spent) => perThousand(spent, thousands);
  const closing = job.kind === 'window' ? `; closing ${per(close)}` : '';
  const batches = `${ingest.invocations} batches; ingest ${per(ingest)}${closing}`;
  const runs = `fireTimers ${per(fire)}: ${fire.invocations} runs`;
  const rows = [
    keyedRow(what, write / thousands, 'WRU', { atMost: budget?.WRU, note: batches }),
    keyedRow(what, read / thousands, 'RRU', { atMost: budget?.RRU, note: runs }),
  ];
  const atMost = storeBudget(name, filling);
  rows.push(keyedRow(`${what}, state alone`, stored.write / thousands, 'WRU', { atMost }));
  if (job.kind !== 'status') return rows;
  const problems = [...scene.answers()].filter(({ problem }) => problem !== undefined).length;
  return [...rows, keyedRow(what, problems / thousands, 'rows in the index at the end')];
}

const storeBudget = (name: string, filling: string): number | undefined =>
  filling === 'batches of 1,000' ? STORE_BUDGETS[name] : undefined;
