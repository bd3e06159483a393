/**
 * Rows as large as rows may be, and made of what JSON writes at length: answers fit what Lambda returns, and pages are still
 * all of it.
 */
import { describe, expect, it } from 'vitest';
import { meteredRowsReader } from '../../../../shared/adapters/meteredRowsReader.ts';
import { unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { memoryApi } from '../../../support/memoryApi.ts';

const REPLY_BYTES_MAX = 6 * 1024 * 1024;
const START_MS = 1_511_658_000_000;
const timeAt = (ms: number) => new Date(START_MS + ms).toISOString();
const HOUR_MS = 3_600_000;

/** Its JSON stands in the reply as a text. */
const replyBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** What takes least in a table and most in an answer. */
const FILLINGS = {
  text: 'x'.repeat(250_000),
  'control characters': '\u0001'.repeat(250_000),
  'short texts': Array.from({ length: 120_000 }, () => 'a'),
} as const;

interface Page {
  readonly rows: readonly Item[];
  readonly next?: string;
}

const windowsOf = (filling: Item[string], count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({
    site: 'all',
    windowStart: timeAt((n - 1) * HOUR_MS),
    windowEnd: timeAt(n * HOUR_MS),
    filling,
    fence: 1,
  }));

describe.each(Object.entries(FILLINGS))('rows of 250 KB of %s', (_, filling) => {
  it.each([
    'latest=10',
    'from=2017-11-26T00:00:00Z',
    'latest=10&step=1h',
    'from=2017-11-26T00:00:00Z&step=1h',
  ])('make pages of windows for %s, all of them together', async (query) => {
    const api = memoryApi();
    await api.put('pvuv', windowsOf(filling, 10));
    const ends: unknown[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const text = await api.text(`/v1/pvuv?${query}${next === '' ? '' : `&cursor=${next}`}`);
      expect(replyBytes(text)).toBeLessThan(REPLY_BYTES_MAX);
      const page = JSON.parse(text) as Page;
      ends.push(...page.rows.map((row) => row['windowEnd']));
      next = page.next;
    }
    expect(ends).toEqual(Array.from({ length: 10 }, (_, n) => timeAt((9 - n) * HOUR_MS)));
  });

  it('are of one user as many as fit, and of one key', async () => {
    const api = memoryApi();
    const times = Array.from({ length: 10 }, (_, n) => timeAt(n));
    await api.put(
      'login-alerts',
      times.map((alertId) => ({ userId: 'u', alertId, ips: filling })),
    );
    await api.put(
      'ad-blacklist',
      times.map((adDay) => ({ userId: 'u', adDay, ips: filling })),
    );
    for (const path of ['/v1/users/u', '/v1/tables/login-alerts?key=u&limit=100']) {
      expect(replyBytes(await api.text(path))).toBeLessThan(REPLY_BYTES_MAX);
    }
  });
});

describe('large rows', () => {
  it('leave room for all lists of the overview, and are counted up to a bound', async () => {
    const api = memoryApi();
    const filling = FILLINGS.text;
    const windows = Array.from({ length: 30 }, (_, n) => ({
      windowEnd: timeAt(n * HOUR_MS),
      filling,
      final: true,
    }));
    const listed = (n: number) => ({ listed: `${n % 4}`, listedAt: timeAt(n) });
    const problem = (n: number, of: string) => ({
      problem: `${of}#${n % 4}`,
      problemAt: timeAt(n),
    });
    const many = Array.from({ length: 400 }, (_, n) => n);
    await api.put(
      'hot-items',
      windows.map((row) => ({ ...row, board: 'items:pv' })),
    );
    await api.put(
      'hot-pages',
      windows.map((row) => ({ ...row, board: 'pages' })),
    );
    await api.put(
      'pvuv',
      windows.map((row) => ({ ...row, site: 'all' })),
    );
    await api.put(
      'app-promotion',
      windows.map((row) => ({ ...row, channel: 'total' })),
    );
    await api.put(
      'ad-clicks',
      windows.map((row) => ({ ...row, province: 'total' })),
    );
    await api.put(
      'login-alerts',
      many.map((n) => ({ userId: 'u', alertId: `${n}`, filling, ...listed(n) })),
    );
    await api.put(
      'ad-blacklist',
      many.map((n) => ({ userId: 'u', adDay: `${n}`, filling, ...listed(n) })),
    );
    await api.put(
      'order-status',
      many.map((n) => ({
        orderId: `${n}`,
        status: 'timedOut',
        filling,
        ...problem(n, 'timedOut'),
      })),
    );
    await api.put(
      'reconciliation',
      many.map((n) => ({ txId: `${n}`, status: 'conflict', filling, ...problem(n, 'conflict') })),
    );
    const at = timeAt(HOUR_MS);
    const text = await api.text(`/v1/overview?at=${at}`);
    expect(replyBytes(text)).toBeLessThan(REPLY_BYTES_MAX);
    const { lastHour } = JSON.parse(text);
    for (const name of ['unpaidOrders', 'problems', 'loginAlerts', 'blocks']) {
      expect([name, lastHour[name].isMore]).toEqual([name, true]);
      expect(lastHour[name].count).toBeGreaterThan(0);
    }
  });

  it('may fill an answer with the last row that was asked for', async () => {
    const api = memoryApi();
    // Ten are asked for at first, and are as much as an answer takes.
    await api.put('pvuv', windowsOf('x'.repeat(220_000), 12));
    const page = await api.json<Page>('/v1/pvuv?latest=12&step=1h');
    expect(page.rows).toHaveLength(10);
    const rest = await api.json<Page>(`/v1/pvuv?latest=12&step=1h&cursor=${page.next}`);
    expect(rest.rows).toHaveLength(2);
    expect(rest.next).toBeUndefined();
  });

  it('of steps are read as many as there is room for', async () => {
    const api = memoryApi();
    await api.put('pvuv', windowsOf(FILLINGS.text, 400));
    const meter = unitMeter();
    const rows = meteredRowsReader(api.options.rows, meter);
    const page = await api.json<Page>('/v1/pvuv?latest=100&step=1h', { rows });
    // Half a unit for 4 KB; the newest is read to know where to begin.
    const answered = page.rows.length * Math.ceil(250_000 / 4_096) * 0.5;
    expect(meter.read).toBeLessThan(3 * answered);
  });

  it('of many short texts fit as pseudonyms, each of which is longer', async () => {
    const api = memoryApi();
    const texts = Array.from({ length: 400 }, () => 'a');
    const alerts = Array.from({ length: 20 }, (_, n) => {
      const lists = { listed: `${n % 4}`, listedAt: timeAt(n) };
      return { userId: 'u', alertId: timeAt(n), ips: texts, ...lists };
    });
    await api.put('login-alerts', alerts);
    const text = await api.text('/v1/login-alerts?limit=100', { pseudonymKey: 'k'.repeat(32) });
    expect(replyBytes(text)).toBeLessThan(REPLY_BYTES_MAX);
  });
});
