/** What `npm run cost` prints. */
import { aloneSection, breakEvenSection } from './comparison.ts';
import { DURATIONS } from './durations.ts';
import { flinkBillOf } from './flink.ts';
import { HOURS_A_MONTH, PRICES_OF, type Prices, SECONDS_A_MONTH } from './prices.ts';
import { LOAD_MAX } from './shards.ts';
import { billsOf, type MeasuredSystem, type RateBill, streamTotalOf, sumOf } from './system.ts';
import { dollars, figure, markdownTable, whole } from './table.ts';

/** Markdown, without a line break at its end. The same system and prices give the same text. */
export function renderCost(system: MeasuredSystem, prices: Prices): string {
  const bills = billsOf(system, prices);
  const [idle, ...rates] = bills;
  if (!idle) throw new Error('give at least one rate');
  return [
    basisText(),
    ...rates.map((bill) => rateSection(system, bill, prices)),
    aloneSection(system, bills, prices),
    breakEvenSection(system, bills, prices),
    idleSection(system, idle),
  ].join('\n\n');
}

function basisText(): string {
  const { millisecondsOf, microsecondsAnEvent } = DURATIONS;
  return `US dollars a month (${HOURS_A_MONTH} h) at list prices noted in ${PRICES_OF.month}, ${PRICES_OF.region}, arm64, no free tiers.
Each stream carries the rate, \`receipts\` half of it (one a payment). Events are those of \`tidemark generate\`: users, items,
orders and transactions grow with the rate, pages, channels and provinces do not. Producers pack records.

- Units, requests, items and log lines are counted while the real functions run in process, with the batching window and
  the schedule of stage \`prod\`. Every invocation is a cold one, so reads are an upper bound. Where keys grow with the rate,
  100 to 300 events/s of them run, and the rest follows in proportion.
- Durations of functions are not measured: ${millisecondsOf.invocation} ms an invocation, ${millisecondsOf.request} ms a request, ${millisecondsOf.readUnit} ms a read unit and, for an
  event, ${microsecondsAnEvent.keyed} us in status jobs and gates and ${microsecondsAnEvent.folded} us in others: \`npm run bench\`'s figures, rounded up.
- A shard is used to at most ${LOAD_MAX * 100} % of 1 MB/s, and of the time of each function that reads it.
- Storage is that of the long run: what expires until it does, alerts and rows of windows for a year, result tables with
  point-in-time recovery. A key that comes again after the measured minutes counts as another one.
- Left out: writes to the indexes of problem rows (1 to 2 % of a status job's), cold starts, readers of results, SQS and the
  schedules' rules (below $0.01), a KMS key of one's own ($1 and its requests), subscribers to DynamoDB Streams.`;
}

function rateSection(system: MeasuredSystem, bill: RateBill, prices: Prices): string {
  const flink = flinkOf(system, bill, prices);
  const streams = streamTotalOf(bill);
  const sum = (key: 'requests' | 'storage' | 'lambda' | 'logs' | 'total') =>
    dollars(sumOf(bill.jobs.map((each) => each[key])));
  const sums = [sum('requests'), sum('storage'), sum('lambda'), sum('logs'), sum('total')];
  const totalRow = (name: string, ours: string, theirs: string) => [
    name,
    ...Array<string>(6).fill(''),
    ours,
    theirs,
  ];
  return [
    `**${whole(bill.rate)} events/s**, Flink as an application for each job`,
    '',
    markdownTable([
      ['job', 'WRU/1,000', 'RRU/1,000', 'requests', 'storage', 'Lambda', 'logs', 'total', 'Flink'],
      ...jobRows(system, bill, prices),
      ['all jobs', '', '', ...sums, dollars(flink.apart)],
      totalRow('streams', dollars(streams), dollars(streams)),
      totalRow('CloudWatch', dollars(bill.fixed.total), ''),
      totalRow('**in all**', dollars(bill.total), dollars(flink.apart + streams)),
    ]),
    '',
    `Shards: ${[...bill.streams].map(([name, { count }]) => `${name} ${count}`).join(', ')}.`,
    `All jobs in one Flink application of ${flink.together.kpus + 1} KPUs: ${dollars(flink.together.total)}, ` +
      `${dollars(flink.together.total + streams)} with the streams.`,
  ].join('\n');
}

function jobRows(system: MeasuredSystem, bill: RateBill, prices: Prices): string[][] {
  const usages = usagesAt(system, bill);
  return bill.jobs.map((each, i) => {
    const events = usages[i]?.events ?? 0;
    return [
      `\`${system.jobs[i]?.job.name}\``,
      figure(each.writeUnits / (events / 1_000), 2),
      figure(each.readUnits / (events / 1_000), 2),
      dollars(each.requests),
      dollars(each.storage),
      dollars(each.lambda),
      dollars(each.logs),
      dollars(each.total),
      dollars(flinkBillOf(events / SECONDS_A_MONTH, prices).total),
    ];
  });
}

const usagesAt = ({ rates }: MeasuredSystem, bill: RateBill) =>
  rates.find(({ rate }) => rate === bill.rate)?.usages ?? [];

/** An application for each job, and one for all of them. */
function flinkOf(system: MeasuredSystem, bill: RateBill, prices: Prices) {
  const rates = usagesAt(system, bill).map(({ events }) => events / SECONDS_A_MONTH);
  return {
    apart: sumOf(rates.map((each) => flinkBillOf(each, prices).total)),
    together: flinkBillOf(sumOf(rates), prices),
  };
}

function idleSection(system: MeasuredSystem, idle: RateBill): string {
  const { metrics, alarms, dashboard } = idle.fixed;
  const { counts } = system;
  const shards = sumOf([...idle.streams.values()].map(({ count }) => count));
  const jobs = idle.jobs.map(({ writeUnits, readUnits, total }, i) => [
    `\`${system.jobs[i]?.job.name}\`, a run a minute`,
    `${whole(writeUnits)} WRU, ${whole(readUnits)} RRU`,
    dollars(total),
  ]);
  return [
    '**Idle**, no events for long; what is stored already costs its storage',
    '',
    markdownTable([
      ['what', 'how much', 'cost'],
      ['shards', whole(shards), dollars(streamTotalOf(idle))],
      ['custom metrics', whole(counts.metrics), dollars(metrics)],
      ['alarms', whole(counts.alarms), dollars(alarms)],
      ['dashboard', whole(counts.dashboards), dollars(dashboard)],
      ...jobs,
      ['**in all**', '', dollars(idle.total)],
    ]),
    '',
    `Without shards: ${dollars(idle.total - streamTotalOf(idle))}, at most: a metric is billed for the hours in which it is told.`,
  ].join('\n');
}
