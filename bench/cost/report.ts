/** What `npm run cost` prints. */
import { addSpent, sumOf } from '../spent.ts';
import { totalOf } from './bill.ts';
import { aloneSection, breakEvenSection } from './comparison.ts';
import { DURATIONS } from './durations.ts';
import { flinkCost, kpusFor, sinkCost } from './flink.ts';
import { HOURS_A_MONTH, PRICES_OF, type Prices, SECONDS_A_MONTH } from './prices.ts';
import { LOAD_MAX } from './shards.ts';
import { type BilledJob, billsOf, type MeasuredSystem, type RateBill } from './system.ts';
import { dollars, figure, markdownTable, whole } from './table.ts';
import { usersSections } from './usersSection.ts';

/** Markdown, without a line break at its end. The same system and prices give the same text. */
export function renderCost(system: MeasuredSystem, prices: Prices): string {
  const bills = billsOf(system, prices);
  const [idle, ...rates] = bills;
  if (!idle) throw new Error('give at least one rate');
  return [
    basisText(),
    ...rates.map((bill) => rateSection(bill, prices)),
    ...usersSections(system, prices),
    aloneSection(bills, prices),
    breakEvenSection(bills, prices),
    idleSection(system, idle),
  ].join('\n\n');
}

function basisText(): string {
  const { millisecondsOf, microsecondsAnEvent } = DURATIONS;
  return `US dollars a month (${HOURS_A_MONTH} h) at list prices noted in ${PRICES_OF.month}, ${PRICES_OF.region}, arm64, no free tiers.
Each stream carries the rate, \`receipts\` half of it (one a payment). Events are those of \`tidemark generate\`: users, items,
orders and transactions grow with the rate, pages, channels and provinces do not. Users do a hundred times as much as people
do, but in \`user-profile\`, where each comes for a quarter of an hour a day. Producers pack records.

- Units, requests, items and log lines are counted while the real functions run in process, with the batching window and
  the schedule of stage \`prod\`. Functions that ingest are warm, scheduled ones cold. Where keys grow with the rate,
  100 to 300 events/s of them run, and the rest follows in proportion.
- Durations of functions are not measured: ${millisecondsOf.invocation} ms an invocation, ${millisecondsOf.request} ms a request, ${millisecondsOf.readUnit} ms a read unit and, for an
  event, ${microsecondsAnEvent.keyed} us in status jobs and gates and ${microsecondsAnEvent.folded} us in others: \`npm run bench\`'s figures, rounded up.
- A job's own stream carries what the job takes of its sources, and is used as they are; Flink needs none.
- A shard is used to at most ${LOAD_MAX * 100} % of 1 MB/s, and of the time of each function that reads it.
- Storage is that of the long run: what expires until it does, alerts and rows of windows for a year, result tables with
  point-in-time recovery. A key that comes again after the measured minutes counts as another one.
- Requests include those of [indexes](#what-indexes-cost). Flink's price includes the same rows in the same tables, written
  through its DynamoDB sink: their write units, those of their indexes, and the storage of both.
- Left out: cold starts, readers of results, SQS and the schedules' rules (below $0.01), a KMS key of one's own ($1 and its
  requests), subscribers to DynamoDB Streams.`;
}

function rateSection(
  { rate, jobs, variants, streams, ownStreams, streamsTotal, ...bill }: RateBill,
  prices: Prices,
): string {
  const rates = jobs.map(rateOf);
  const apart = jobs.map((each) => flinkApart(each, prices));
  const kpus = kpusFor(sumOf(rates));
  const together =
    flinkCost(kpus, prices) + sumOf(jobs.map(({ usage }) => sinkCost(usage, prices)));
  const items = ['requests', 'storage', 'lambda', 'logs', 'stream'] as const;
  const columns = (each: BilledJob['bill']) => [...items.map((item) => each[item]), totalOf(each)];
  const totals = jobs.map((each) => columns(each.bill));
  const sums = [...items, 'total'].map((_, i) => sumOf(totals.map((each) => each[i] ?? 0)));
  const lastRow = (name: string, ours: number, theirs?: number) => [
    ...[name, '', '', ...items.map(() => '')],
    dollars(ours),
    theirs === undefined ? '' : dollars(theirs),
  ];
  return [
    `**${whole(rate)} events/s**, Flink as an application for each job`,
    '',
    markdownTable([
      [
        ...['job', 'WRU/1,000', 'RRU/1,000', 'requests', 'storage', 'Lambda', 'logs', 'own stream'],
        ...['total', 'Flink'],
      ],
      ...jobs.map((each, i) => [
        `\`${each.job.name}\``,
        ...unitsText(each),
        ...[...(totals[i] ?? []), apart[i] ?? 0].map(dollars),
      ]),
      ['all jobs', '', '', ...[...sums, sumOf(apart)].map(dollars)],
      lastRow('streams', streamsTotal, streamsTotal),
      lastRow('CloudWatch', totalOf(bill.fixed)),
      lastRow('**in all**', bill.total, sumOf(apart) + streamsTotal),
      ...[...variants].map(([name, each]) => [
        name,
        ...unitsText(each),
        ...[...columns(each.bill), flinkApart(each, prices)].map(dollars),
      ]),
    ]),
    '',
    `Shards: ${[...streams, ...ownStreams].map(({ name, count }) => `${name} ${count}`).join(', ')}.`,
    `All jobs in one Flink application of ${kpus + 1} KPUs: ${dollars(together)}, ` +
      `${dollars(together + streamsTotal)} with the streams.`,
    ...(variants.size === 0
      ? []
      : [variantsText({ jobs, variants, kpus, streamsTotal, ...bill }, prices)]),
  ].join('\n');
}

/** What all would cost if jobs were what their variants are. */
function variantsText(
  {
    jobs,
    variants,
    kpus,
    total,
    streamsTotal,
  }: Pick<RateBill, 'jobs' | 'variants' | 'total' | 'streamsTotal'> & { readonly kpus: number },
  prices: Prices,
): string {
  const instead = [...variants.values()];
  const replaced = jobs.filter(({ job }) => instead.some((each) => each.job.name === job.name));
  const kept = jobs.filter((each) => !replaced.includes(each));
  const billOf = (some: readonly BilledJob[]) => sumOf(some.map(({ bill }) => totalOf(bill)));
  const theirs =
    flinkCost(kpus, prices) +
    sumOf([...kept, ...instead].map(({ usage }) => sinkCost(usage, prices)));
  const ours = billOf(kept) + billOf(instead);
  return (
    `Instead, ${[...variants.keys()].join('; ')}: the jobs ${dollars(ours)}, ${dollars(total - billOf(jobs) + ours)} in all; ` +
    `in one Flink application ${dollars(theirs)}, ${dollars(theirs + streamsTotal)} with the streams.`
  );
}

const rateOf = ({ usage }: BilledJob): number => usage.events / SECONDS_A_MONTH;

/** An application for the job alone, and its rows. */
const flinkApart = (each: BilledJob, prices: Prices): number =>
  flinkCost(kpusFor(rateOf(each)), prices) + sinkCost(each.usage, prices);

/** Write and read units per 1,000 events. */
function unitsText({ usage }: BilledJob): string[] {
  const { write, read } = addSpent(...usage.spent.values());
  return [write, read].map((each) => figure(each / (usage.events / 1_000), 2));
}

function idleSection({ counts }: MeasuredSystem, idle: RateBill): string {
  const { jobs, streams, ownStreams, streamsTotal, fixed, total } = idle;
  const all = [...streams, ...ownStreams];
  const shardsTotal = streamsTotal + sumOf(ownStreams.map(({ bill }) => totalOf(bill)));
  return [
    '**Idle**, no events for long; what is stored already costs its storage',
    '',
    markdownTable([
      ['what', 'how much', 'cost'],
      ['shards', whole(sumOf(all.map(({ count }) => count))), dollars(shardsTotal)],
      ['custom metrics', whole(counts.metrics), dollars(fixed.metrics)],
      ['alarms', whole(counts.alarms), dollars(fixed.alarms)],
      ['dashboard', whole(counts.dashboards), dollars(fixed.dashboard)],
      ...jobs.map(({ job, usage, bill }) => {
        const { write, read } = addSpent(...usage.spent.values());
        const units = `${whole(write)} WRU, ${whole(read)} RRU`;
        return [`\`${job.name}\`, a run a minute`, units, dollars(totalOf(bill) - bill.stream)];
      }),
      ['**in all**', '', dollars(total)],
    ]),
    '',
    `Without shards: ${dollars(total - shardsTotal)}, at most: a metric is billed for the hours in which it is told.`,
  ].join('\n');
}
