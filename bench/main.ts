/**
 * `npm run bench`: measures the budgets of the design, prints them as a table and writes `bench/report.json`.
 * `--quick` runs a small part of everything, to see that it works; its figures mean little, and no report is written.
 */
import { parseArgs } from 'node:util';
import { hours } from '../shared/index.ts';
import { measureBacklog, measureIsolated } from './backlog.ts';
import { measureBundles } from './bundles.ts';
import { measureClosing } from './closingUnits.ts';
import { loadInput } from './events.ts';
import { measureFlatness } from './flatness.ts';
import { measureIngestCpu } from './ingestCpu.ts';
import { measureIngestUnits } from './ingestUnits.ts';
import { measureKeyedCpu } from './keyedCpu.ts';
import { measureTimers } from './keyedTimers.ts';
import { measureKeyedUnits } from './keyedUnits.ts';
import { measureManyKeys } from './manyKeys.ts';
import { measureManyLanes } from './manyLanes.ts';
import { measureManySlices } from './manySlices.ts';
import { type Row, renderTable, verdictOn, writeReport } from './report.ts';
import { measureRollUp, measureWideWindow } from './windows.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const isQuick = values.quick;
const { name, events } = await loadInput();
const some = isQuick ? events.slice(0, events.length / 2) : events;

const sections: readonly (readonly [name: string, measure: () => Promise<Row[]>])[] = [
  ['ingestCpu', () => measureIngestCpu(some, isQuick ? 1 : 9)],
  ['ingestUnits', () => measureIngestUnits(some)],
  ['closing', () => measureClosing(events, isQuick ? 0.1 : 1)],
  ['lanes', () => measureFlatness(events, isQuick ? [1, 4] : [1, 4, 16, 64])],
  [
    'manyLanes',
    () => measureManyLanes({ dead: isQuick ? 2_000 : 19_960, rounds: isQuick ? 3 : 30 }),
  ],
  ['manyKeys', () => measureManyKeys(isQuick ? 100_000 : 2_000_000)],
  ['wideWindow', () => measureWideWindow(isQuick ? 3 : 9)],
  ['rollUp', () => measureRollUp(some)],
  [
    'manySlices',
    () =>
      measureManySlices({
        slices: [120, 12, 720, 7_200],
        stored: hours(isQuick ? 1 : 24),
        rounds: isQuick ? 40 : 200,
      }),
  ],
  ['backlog', () => measureBacklog(500, isQuick ? '1min' : '10min')],
  ['isolated', () => measureIsolated(isQuick ? 2_000 : 100_000)],
  ['keyedUnits', () => measureKeyedUnits(isQuick ? 3_000 : 30_000)],
  [
    'keyedCpu',
    () => measureKeyedCpu({ events: isQuick ? 6_000 : 15_000, rounds: isQuick ? 1 : 5 }),
  ],
  [
    'timers',
    () =>
      measureTimers({
        pending: isQuick ? [2_000, 20_000] : [10_000, 100_000],
        rounds: isQuick ? 1 : 5,
      }),
  ],
  ['bundles', () => measureBundles(isQuick ? 1 : 5)],
];

const rows: Row[] = [];
for (const [section, measure] of sections) {
  if (values.only !== undefined && values.only !== section) continue;
  const before = performance.now();
  const cpuBefore = process.cpuUsage();
  rows.push(...(await measure()));
  const seconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1_000_000;
  process.stderr.write(`${section}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s\n`);
}

console.log(`input: ${name}, ${events.length.toLocaleString('en')} events`);
console.log(renderTable(rows));
const verdicts = rows.map(verdictOn).filter((verdict) => verdict !== undefined);
const met = verdicts.filter(({ isMet }) => isMet).length;
console.log(`${met} of ${verdicts.length} budgets met`);
if (values.only === undefined && !isQuick) {
  writeReport(new URL('report.json', import.meta.url), name, rows);
}
