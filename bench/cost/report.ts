/** What `npm run cost` prints. */
import { addSpent, sumOf } from '../spent.ts';
import { DURATIONS, type JobBill, totalOf } from './bill.ts';
import { aloneSection, breakEvenSection } from './comparison.ts';
import { flinkCost, kpusFor } from './flink.ts';
import { HOURS_A_MONTH, PRICES_OF, type Prices, SECONDS_A_MONTH } from './prices.ts';
import { LOAD_MAX } from './shards.ts';
import { billsOf, type MeasuredSystem, type RateBill } from './system.ts';
import { dollars, figure, markdownTable, whole } from './table.ts';

/** Markdown, without a line break at its end. The same system and prices give the same text. */
export function renderCost(system: MeasuredSystem, prices: Prices): string {
  const bills = billsOf(system, prices);
  const [idle, ...rates] = bills;
  if (!idle) throw new Error('give at least one rate');
  return [
    basisText(),
    ...rates.map((bill) => rateSection(bill, prices)),
    aloneSection(bills, prices),
    breakEvenSection(bills, prices),
    idleSection(system, idle),
  ].join('\n\n');
}

function basisText(): string {
  const { millisecondsOf, microsecondsAnEvent } = DURATIONS;
  return `US dollars a month (${HOURS_A_MONTH} h) at list prices noted in ${PRICES_OF.month}, ${PRICES_OF.region}, arm64, no free tiers.
Each stream carries the rate, \`receipts\` half of it (one a payment). Events are those of \`tidemark generate\`: users, items,
orders and transactions grow with the rate, pages, channels and provinces do not. Producers pack records.

- Units, requests, items and log lines are counted while the real functions run in process, with the batching window and
  the schedule of stage \`prod\`. Functions that ingest are warm, scheduled ones cold. Where keys grow with the rate,
  100 to 300 events/s of them run, and the rest follows in proportion.
- Durations of functions are not measured: ${millisecondsOf.invocation} ms an invocation, ${millisecondsOf.request} ms a request, ${millisecondsOf.readUnit} ms a read unit and, for an
  event, ${microsecondsAnEvent.keyed} us in status jobs and gates and ${microsecondsAnEvent.folded} us in others: \`npm run bench\`'s figures, rounded up.
- A shard is used to at most ${LOAD_MAX * 100} % of 1 MB/s, and of the time of each function that reads it.
- Storage is that of the long run: what expires until it does, alerts and rows of windows for a year, result tables with
  point-in-time recovery. A key that comes again after the measured minutes counts as another one.
- Left out: [indexes](#what-indexes-cost) (1 to 2 % of the writes of jobs that have one), cold starts, readers of
  results, SQS and the schedules' rules (below $0.01), a KMS key of one's own ($1 and its requests),
  subscribers to DynamoDB Streams.`;
}

function rateSection({ rate, jobs, streams, streamsTotal, ...bill }: RateBill, prices: Prices) {
  const rates = jobs.map(({ usage }) => usage.events / SECONDS_A_MONTH);
  const apart = rates.map((each) => flinkCost(kpusFor(each), prices));
  const kpus = kpusFor(sumOf(rates));
  const together = flinkCost(kpus, prices);
  const items = ['requests', 'storage', 'lambda', 'logs'] as const;
  const columns = (each: JobBill) => [...items.map((item) => each[item]), totalOf(each)];
  const totals = jobs.map((each) => columns(each.bill));
  const sums = [...items, 'total'].map((_, i) => sumOf(totals.map((each) => each[i] ?? 0)));
  const lastRow = (name: string, ours: number, theirs?: number) => [
    ...[name, '', '', '', '', '', ''],
    dollars(ours),
    theirs === undefined ? '' : dollars(theirs),
  ];
  return [
    `**${whole(rate)} events/s**, Flink as an application for each job`,
    '',
    markdownTable([
      ['job', 'WRU/1,000', 'RRU/1,000', 'requests', 'storage', 'Lambda', 'logs', 'total', 'Flink'],
      ...jobs.map(({ job, usage }, i) => {
        const { write, read } = addSpent(...usage.spent.values());
        const units = [write, read].map((each) => figure(each / (usage.events / 1_000), 2));
        return [`\`${job.name}\``, ...units, ...[...(totals[i] ?? []), apart[i] ?? 0].map(dollars)];
      }),
      ['all jobs', '', '', ...[...sums, sumOf(apart)].map(dollars)],
      lastRow('streams', streamsTotal, streamsTotal),
      lastRow('CloudWatch', totalOf(bill.fixed)),
      lastRow('**in all**', bill.total, sumOf(apart) + streamsTotal),
    ]),
    '',
    `Shards: ${streams.map(({ name, count }) => `${name} ${count}`).join(', ')}.`,
    `All jobs in one Flink application of ${kpus + 1} KPUs: ${dollars(together)}, ` +
      `${dollars(together + streamsTotal)} with the streams.`,
  ].join('\n');
}

function idleSection({ counts }: MeasuredSystem, idle: RateBill): string {
  const { jobs, streams, streamsTotal, fixed, total } = idle;
  return [
    '**Idle**, no events for long; what is stored already costs its storage',
    '',
    markdownTable([
      ['what', 'how much', 'cost'],
      ['shards', whole(sumOf(streams.map(({ count }) => count))), dollars(streamsTotal)],
      ['custom metrics', whole(counts.metrics), dollars(fixed.metrics)],
      ['alarms', whole(counts.alarms), dollars(fixed.alarms)],
      ['dashboard', whole(counts.dashboards), dollars(fixed.dashboard)],
      ...jobs.map(({ job, usage, bill }) => {
        const { write, read } = addSpent(...usage.spent.values());
        const units = `${whole(write)} WRU, ${whole(read)} RRU`;
        return [`\`${job.name}\`, a run a minute`, units, dollars(totalOf(bill))];
      }),
      ['**in all**', '', dollars(total)],
    ]),
    '',
    `Without shards: ${dollars(total - streamsTotal)}, at most: a metric is billed for the hours in which it is told.`,
  ].join('\n');
}
