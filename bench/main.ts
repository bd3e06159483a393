/**
 * `npm run bench`: measures the budgets of the design, prints them as a table and writes `bench/report.json`.
 * `--quick` runs a small part of everything, to see that it works; its figures mean little, and no report is written.
 * `--only closing` runs one section.
 */
import { parseArgs } from 'node:util';
import { hours } from '../shared/index.ts';
import { measureApi } from './api.ts';
import { measureBacklog, measureIsolated } from './backlog.ts';
import { measureBundles } from './bundles.ts';
import { measureClientPuts } from './clientPuts.ts';
import { measureClosing, measureFlatness } from './closing.ts';
import { measureColumns } from './columns.ts';
import { measureIngestCpu, measureKeyedCpu, measureRecordForms } from './cpu.ts';
import { loadInput } from './events.ts';
import { measureHopFloors } from './hopFloors.ts';
import { measureInProcess } from './inProcess.ts';
import { measureLatency } from './latency.ts';
import { measureManyDue } from './manyDue.ts';
import { measureManyKeys } from './manyKeys.ts';
import { measureManyLanes } from './manyLanes.ts';
import { measureManySlices } from './manySlices.ts';
import { measureManyStates } from './manyStates.ts';
import { measureManyUsers } from './manyUsers.ts';
import { measureProducers } from './producers.ts';
import { type Row, renderTable, verdictOn, writeReport } from './report.ts';
import { measureIngestUnits, measureKeyedUnits } from './units.ts';
import { measureRollUp, measureWideWindow } from './windows.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const isQuick = values.quick;
const { name, events } = await loadInput();
const some = isQuick ? events.slice(0, events.length / 2) : events;

/** As much as the figures need, or a small part. */
const amount = <T>(full: T, quick: T): T => (isQuick ? quick : full);

const sections: readonly (readonly [name: string, measure: () => Promise<Row[]>])[] = [
  ['ingestCpu', () => measureIngestCpu(some, amount(9, 1))],
  ['recordForms', () => measureRecordForms(some, amount(5, 1))],
  ['producers', () => measureProducers(some)],
  ['ingestUnits', () => measureIngestUnits(some)],
  ['closing', () => measureClosing(events, amount(1, 0.1))],
  ['lanes', () => measureFlatness(events, amount([1, 4, 16, 64], [1, 4]))],
  ['manyLanes', () => measureManyLanes(amount(19_960, 2_000), amount(30, 3))],
  ['manyKeys', () => measureManyKeys(amount(2_000_000, 100_000))],
  ['manyUsers', () => measureManyUsers(amount(1_000_000, 20_000))],
  ['clientPuts', () => measureClientPuts(amount(30_000, 2_000))],
  ['wideWindow', () => measureWideWindow(amount(9, 3))],
  ['rollUp', () => measureRollUp(some)],
  [
    'manySlices',
    () => measureManySlices([120, 12, 720, 7_200], hours(amount(24, 1)), amount(200, 40)),
  ],
  ['backlog', () => measureBacklog(500, amount('10min', '1min'))],
  ['isolated', () => measureIsolated(amount(100_000, 2_000))],
  ['columns', () => measureColumns(amount(30_000, 18_000))],
  ['keyedUnits', () => measureKeyedUnits(amount(30_000, 3_000))],
  ['hopFloors', () => measureHopFloors(amount([14, 100, 1_000], [14]), amount([5, 10], [10]))],
  ['keyedCpu', () => measureKeyedCpu(amount(15_000, 6_000), amount(5, 1))],
  [
    'manyStates',
    () =>
      measureManyStates(
        amount(
          [
            ['pairs', 150_000, 3_000_000],
            ['pairs', 1_500_000, 1_500_000],
            ['openOrders', 2_000_000, 2_000_000],
          ],
          [
            ['pairs', 10_000, 30_000],
            ['openOrders', 10_000, 10_000],
          ],
        ),
      ),
  ],
  ['manyDue', () => measureManyDue(amount(300_000, 10_000))],
  ['inProcess', () => measureInProcess(amount(1_000_000, 20_000))],
  ['api', () => measureApi(amount(6_000, 1_000), amount(365, 30), amount(20_000, 6_000))],
  [
    'latency',
    () =>
      measureLatency(
        amount(
          [
            [1, 5],
            [10, 30],
          ],
          [[1, 5]],
        ),
        amount(60, 5),
      ),
  ],
  ['bundles', () => measureBundles(amount(5, 1))],
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
