/** The published values of the course project, from its own input files, through the local stack. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '../../cli/runJob.ts';
import { JOBS } from '../../functions/jobs.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { type InputEvent, readInput } from '../../inputs/readInput.ts';
import { tablesOf } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import type { Item } from '../../shared/ports/table.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { comparable } from './rows.ts';

const FILES = {
  'user-behavior': referenceFile('UserBehavior.csv.gz'),
  'page-views': referenceFile('apache.log'),
  'ad-clicks': referenceFile('AdClickLog.csv'),
  logins: referenceFile('LoginLog.csv'),
  orders: referenceFile('OrderLog.csv'),
  receipts: referenceFile('ReceiptLog.csv'),
} as const;
type Stream = keyof typeof FILES;

const areThere = Object.values(FILES).every(({ isThere }) => isThere);
const STREAMS = Object.keys(FILES) as Stream[];
/** There is no file of the course project's for the promotion. */
const ANALYSES = JOBS.filter(({ usual }) => streamsOf(usual).every((stream) => stream in FILES));

const eventsOf = (stream: Stream) => readInput(stream, FILES[stream].path, { timeUnit: 's' });
const inputOf = (stream: Stream) => ({
  name: `reference ${stream}`,
  stream,
  events: () => eventsOf(stream),
});

/** 2017-11-26, a time of day in Shanghai (UTC+8). */
const shanghai = (time: string): string => new Date(`2017-11-26T${time}:00+08:00`).toISOString();
const atSecond = (second: number): string => new Date(second * 1_000).toISOString();

async function runThrough(stack: Stack, streams: readonly Stream[]): Promise<void> {
  await stack.replay({ inputs: streams.map(inputOf), speed: 'max' });
  await stack.waitUntilDrained();
  await stack.flush();
}

describe.skipIf(!areThere)('the reference files through the local stack', () => {
  let stack: Stack;
  const tables = new Map<string, readonly Item[]>();
  const rowsOf = (table: string): readonly Item[] => tables.get(table) ?? [];

  beforeAll(async () => {
    stack = await startStack({ shards: 2 });
    await runThrough(stack, STREAMS);
    for (const { name } of ANALYSES.flatMap((family) => tablesOf(family.build()))) {
      tables.set(name, await stack.rows(name));
    }
  }, 300_000);
  afterAll(() => stack.stop());

  it.each([
    ['10:10', ['2338453=30', '812879=18', '2563440=14']],
    ['10:15', ['2338453=33', '812879=18']],
    ['10:20', ['2338453=32', '812879=18', '3244134=15', '4649427=13']],
  ])('give the published ranking of items for %s', (time, published) => {
    const row = rowsOf('hot-items').find(
      (each) => each['board'] === 'items:pv' && each['windowEnd'] === shanghai(time),
    );
    const ranking = row?.['ranking'] as readonly Item[];
    const shown = ranking.map(({ id, count }) => `${id}=${count}`);
    expect(shown.slice(0, published.length)).toEqual(published);
  });

  it('give the published traffic', () => {
    const shown = rowsOf('pvuv').map(({ windowEnd, pv, uv }) => [windowEnd, pv, uv]);
    expect(shown.sort()).toEqual([
      [shanghai('10:00'), 41_890, 28_196],
      [shanghai('11:00'), 48_022, 32_160],
      [shanghai('12:00'), 8_449, 6_936],
    ]);
  });

  it('give 11,002 windows of pages, and three pages for 10:06', () => {
    expect(rowsOf('hot-pages')).toHaveLength(11_002);
    const row = rowsOf('hot-pages').find(
      ({ windowEnd }) => windowEnd === '2015-05-17T10:06:00.000Z',
    );
    expect(row?.['ranking']).toEqual([
      { rank: 1, id: '/blog/tags/puppet?flav=rss20', count: 3 },
      { rank: 2, id: '/', count: 2 },
      { rank: 3, id: '/blog/tags/firefox?flav=rss20', count: 2 },
    ]);
  });

  it.each([
    ['09:05', 'beijing 2, guangdong 2, shanghai 1'],
    ['09:10', 'beijing 2, guangdong 4, shanghai 2'],
    ['09:15', 'beijing 2, guangdong 5, shanghai 2'],
    ['10:05', 'beijing 100, guangdong 3, hebei 1, henan 3, jiangsu 4, shanghai 1, zhejiang 5'],
  ])('give the clicks by province for %s', (time, published) => {
    const rows = rowsOf('ad-clicks').filter((row) => row['windowEnd'] === shanghai(time));
    const shown = rows
      .filter(({ province }) => province !== 'total')
      .map(({ province, count }) => `${province} ${count}`);
    expect(shown.sort().join(', ')).toBe(published);
    const provinces = rows.find(({ province }) => province === 'total')?.['provinces'] ?? {};
    const total = Object.entries(provinces).map(([province, count]) => `${province} ${count}`);
    expect(total.sort().join(', ')).toBe(published);
  });

  it('give 99 rows of clicks and 24 over all provinces, and block one click farm', () => {
    expect(rowsOf('ad-clicks')).toHaveLength(99 + 24);
    expect(rowsOf('ad-blacklist')).toEqual([
      expect.objectContaining({
        userId: '937166',
        adId: '1715',
        day: '2017-11-26',
        blockedAt: atSecond(1_511_661_701),
        limit: 100,
      }),
    ]);
  });

  it('give the two published login alerts', () => {
    const shown = rowsOf('login-alerts').map((row) => [
      row['userId'],
      row['firstFail'],
      row['lastFail'],
    ]);
    expect(shown.sort()).toEqual([
      ['1035', atSecond(1_558_430_842), atSecond(1_558_430_843)],
      ['1035', atSecond(1_558_430_843), atSecond(1_558_430_844)],
    ]);
  });

  it('give the published orders', () => {
    const paid = Array.from({ length: 38 }, (_, n) => String(34_729 + n));
    expect(byStatus(rowsOf('order-status'), 'orderId')).toEqual({
      paid: paid.filter((order) => order !== '34756'),
      paidLate: ['34767'],
      paidWithoutCreate: ['34768'],
      timedOut: ['34756'],
    });
  });

  it('give the published reconciliation', () => {
    const { matched, ...others } = byStatus(rowsOf('reconciliation'), 'txId');
    expect(matched).toHaveLength(37);
    expect(others).toEqual({
      unmatchedPay: ['35jue34we', '88snrn932'],
      unmatchedReceipt: ['8fdsfae83', '9032n4fd2', 'ewr342as4'],
    });
    const onTime = rowsOf('reconciliation').filter((row) => row['onTime'] === true);
    const deltas = onTime.map(({ orderId, deltaMs }) => [orderId, deltaMs]);
    expect(deltas.sort()).toEqual([
      ['34729', 3_000],
      ['34730', 3_000],
      ['34746', -3_000],
      ['34747', 0],
    ]);
  });

  it.each(ANALYSES.map((family) => [family.name, family.build()] as const))(
    'give the rows of an in-process run of %s, in every table',
    async (_, job) => {
      const inputs: (InputEvent & { stream: Stream })[] = [];
      for (const stream of streamsOf(job) as readonly Stream[]) {
        for await (const event of eventsOf(stream)) inputs.push({ ...event, stream });
      }
      const setup = { lanes: 1, batch: 10_000, atEnd: 'flush' } as const;
      const inProcess = await runJob(job, inputs, setup);
      for (const { name } of tablesOf(job)) {
        expect(comparable(rowsOf(name)), name).toEqual(
          comparable(inProcess.tables.get(name) ?? []),
        );
      }
    },
    60_000,
  );
});

describe.skipIf(!areThere)('parameters from the environment', () => {
  let stack: Stack;

  beforeAll(async () => {
    process.env['TIDEMARK_LOGIN_FAIL_FAILURES'] = '3';
    process.env['TIDEMARK_LOGIN_FAIL_WITHIN'] = '5s';
    stack = await startStack({ shards: 1 });
    await runThrough(stack, ['logins']);
  }, 60_000);
  afterAll(async () => {
    delete process.env['TIDEMARK_LOGIN_FAIL_FAILURES'];
    delete process.env['TIDEMARK_LOGIN_FAIL_WITHIN'];
    await stack.stop();
  });

  it('give one alert for three failed logins within five seconds', async () => {
    expect(await stack.rows('login-alerts')).toEqual([
      expect.objectContaining({
        userId: '1035',
        failures: 3,
        firstFail: atSecond(1_558_430_842),
        lastFail: atSecond(1_558_430_844),
      }),
    ]);
  });
});

function byStatus(rows: readonly Item[], key: string): Record<string, unknown[]> {
  const groups = Map.groupBy(rows, (row) => String(row['status']));
  return Object.fromEntries(
    [...groups].map(([status, each]) => [status, each.map((row) => row[key]).sort()]),
  );
}
