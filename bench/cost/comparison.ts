/** Where Amazon Managed Service for Apache Flink is dearer, and where it is cheaper. */
import { sumOf } from '../spent.ts';
import { totalOf, unpackedPutsOf } from './bill.ts';
import { flinkCost, GUIDE_KPUS, kpusFor, sinkCost } from './flink.ts';
import type { Prices } from './prices.ts';
import type { BilledJob, RateBill } from './system.ts';
import { dollars, figure, markdownTable, whole, wrapped } from './table.ts';

/** Compared with one application of Flink by itself. */
const ALONE = { job: 'hot-items', stream: 'user-behavior' } as const;

/** One job, its stream, its part of what all share. @param bills the one without events first */
export function aloneSection(bills: readonly RateBill[], prices: Prices): string {
  const columns = bills.map((bill) => aloneColumn(bill, prices));
  const [, ...rates] = bills.map(({ rate }) => rate);
  const unpacked = rates.map((rate) => dollars(unpackedPutsOf(rate, prices)));
  return [
    '**Hot items alone**, beside one Flink application on the same stream',
    '',
    markdownTable([
      ['', 'idle', ...rates.map((rate) => `${whole(rate)} events/s`)],
      ...(columns[0] ?? []).map(([name], i) => [
        name,
        ...columns.map((each) => dollars(each[i]?.[1] ?? 0)),
      ]),
    ]),
    '',
    `Unpacked, an event a record, put units would be ${unpacked.join(', ')}, and a shard takes 1,000 events/s.`,
  ].join('\n');
}

function aloneColumn({ rate, jobs, streams, fixed }: RateBill, prices: Prices) {
  const alone = jobs.find((each) => each.job.name === ALONE.job);
  const job = alone?.bill;
  const stream = streams.find(({ name }) => name === ALONE.stream)?.bill;
  if (!alone || !job || !stream) throw new Error(`${ALONE.job} on ${ALONE.stream} is not measured`);
  const watching = (fixed.metrics + fixed.alarms) / jobs.length + fixed.dashboard;
  const flink = flinkCost(kpusFor(rate), prices);
  const sink = sinkCost(alone.usage, prices);
  const rows: [name: string, cost: number][] = [
    ['shards', stream.shards],
    ['put units', stream.puts],
    ['DynamoDB requests', job.requests],
    ['DynamoDB storage', job.storage],
    ['Lambda', job.lambda],
    ['logs', job.logs],
    ['CloudWatch, its part', watching],
    ['**Tidemark**', totalOf(stream) + totalOf(job) + watching],
    ['Managed Flink, the smallest that does', flink],
    ['its rows, through its DynamoDB sink', sink],
    ['**Flink with the stream**', totalOf(stream) + flink + sink],
    [
      'Flink as AWS sizes < 5 MB/s, with the stream',
      totalOf(stream) + flinkCost(GUIDE_KPUS, prices) + sink,
    ],
  ];
  return rows;
}

/** Up to where each job costs less than the smallest application of Flink, whose rows cost what ours do. @param bills as above */
export function breakEvenSection(bills: readonly RateBill[], prices: Prices): string {
  const smallest = flinkCost(1, prices);
  const jobs = (bills[0]?.jobs ?? []).map(({ job }, i) => {
    const costs = bills.map((bill) => {
      const each = bill.jobs[i];
      return { rate: bill.rate, cost: each ? withoutRows(each, prices) : 0 };
    });
    const most = costs.at(-1)?.cost ?? 0;
    return { name: `\`${job.name}\``, rate: breakEven(costs, smallest), most };
  });
  const all = bills.map(({ rate, jobs: billed, total, streamsTotal }) => {
    const rows = sumOf(billed.map(({ usage }) => sinkCost(usage, prices)));
    return { rate, cost: total - streamsTotal - rows };
  });
  const last = bills.at(-1)?.rate ?? 0;
  const limit = (rate: number | undefined): string =>
    rate === undefined ? `above ${whole(last)}` : figure(rate, 0);
  return [
    `**Break-even**: up to so many events/s it costs less than Flink's smallest application, ${dollars(smallest)}`,
    '',
    markdownTable([
      ['what', 'events/s'],
      ...jobs.map(({ name, rate }) => [name, limit(rate)]),
      ['all jobs with CloudWatch', limit(breakEven(all, smallest))],
      ['the same, beside an application a job', limit(breakEven(all, smallest * jobs.length))],
    ]),
    '',
    verdict(jobs, Math.max(...jobs.map(({ most }) => most)) / smallest, last),
  ].join('\n');
}

/** What a job costs beside its rows. */
const withoutRows = ({ bill, usage }: BilledJob, prices: Prices): number =>
  totalOf(bill) - sinkCost(usage, prices);

interface CostAt {
  readonly rate: number;
  readonly cost: number;
}

/** Where the line through the points passes a price; undefined where it does not. */
export function breakEven(points: readonly CostAt[], price: number): number | undefined {
  for (let i = 1; i < points.length; i += 1) {
    const before = points[i - 1] as CostAt;
    const after = points[i] as CostAt;
    if (before.cost > price || after.cost <= price) continue;
    const share = (price - before.cost) / (after.cost - before.cost);
    return before.rate + share * (after.rate - before.rate);
  }
  return undefined;
}

function verdict(
  jobs: readonly { readonly name: string; readonly rate: number | undefined }[],
  times: number,
  last: number,
): string {
  const never = jobs.filter(({ rate }) => rate === undefined).map(({ name }) => name);
  const limits = jobs.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  if (limits.length === 0 || never.length === 0) return '';
  const [least, most] = [figure(Math.min(...limits), 0), figure(Math.max(...limits), 0)];
  return wrapped(`
    Below Flink at every rate: ${never.join(', ')}. The others cost more from ${least} to ${most} events/s on, and at
    ${whole(last)} events/s, rows apart, up to ${figure(times, 0)} times as much.`);
}
