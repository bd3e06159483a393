/** Watching a result table: when it reads, and what is seen of it. No time passes: pauses end when a test says so. */
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { changesView, pictureView } from '../../../cli/output/watchViews.ts';
import { runCommand } from '../../../cli/program.ts';
import { newestFirst } from '../../../cli/readResults.ts';
import { type View, watch } from '../../../cli/watch.ts';
import { processingTime } from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';

afterEach(() => vi.restoreAllMocks());

/** A watching of which the test decides when a reading or a pause ends. */
function watching() {
  const seen: string[] = [];
  const ending = new AbortController();
  const readings: PromiseWithResolvers<string>[] = [];
  const pauses: PromiseWithResolvers<void>[] = [];
  const next = <T>(list: PromiseWithResolvers<T>[]): Promise<T> => {
    const each = Promise.withResolvers<T>();
    list.push(each);
    return each.promise;
  };
  const view: View<string> = {
    show: (reading) => void seen.push(reading),
    fail: (text) => void seen.push(`failed: ${text}`),
    end: () => void seen.push('ended'),
  };
  const pace = { signal: ending.signal, pause: () => next(pauses) };
  return { seen, ending, readings, pauses, done: watch(() => next(readings), view, pace) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a watching', () => {
  it('reads once more when the last reading has ended and the pause after it is over', async () => {
    const { seen, ending, readings, pauses, done } = watching();
    await settle();
    expect([readings.length, pauses.length]).toEqual([1, 0]);
    readings[0]?.resolve('a');
    await settle();
    expect([readings.length, pauses.length]).toEqual([1, 1]);
    pauses[0]?.resolve();
    await settle();
    expect([readings.length, pauses.length]).toEqual([2, 1]);
    readings[1]?.resolve('b');
    await settle();
    ending.abort();
    pauses[1]?.resolve();
    await done;
    expect(seen).toEqual(['a', 'b', 'ended']);
    expect(readings).toHaveLength(2);
  });

  it('goes on after a reading that fails, and says why in a line', async () => {
    const { seen, ending, readings, pauses, done } = watching();
    readings[0]?.resolve('a');
    await settle();
    pauses[0]?.resolve();
    await settle();
    readings[1]?.reject(new Error('gone\n\u001b[2J'));
    await settle();
    pauses[1]?.resolve();
    await settle();
    readings[2]?.resolve('b');
    await settle();
    ending.abort();
    pauses[2]?.resolve();
    await done;
    expect(seen).toEqual(['a', expect.stringMatching(/^failed: gone \\u001b\[2J/), 'b', 'ended']);
  });

  it('ends with the error of its first reading', async () => {
    const { seen, readings, done } = watching();
    readings[0]?.reject(new Error('no such table'));
    await expect(done).rejects.toThrow('no such table');
    expect(seen).toEqual([]);
  });

  it('ends in the middle of a reading that nobody answers, the first one too', async () => {
    const first = watching();
    first.ending.abort();
    await first.done;
    expect(first.seen).toEqual(['ended']);
    const { seen, ending, readings, pauses, done } = watching();
    readings[0]?.resolve('a');
    await settle();
    pauses[0]?.resolve();
    await settle();
    ending.abort();
    await done;
    expect(seen).toEqual(['a', 'ended']);
    readings[1]?.reject(new Error('closed'));
  });
});

const PVUV = { name: 'pvuv', partitionKey: 'site', sortKey: 'windowEnd' };
const hour = (n: number, pv: number): Item => ({
  site: 'all',
  windowStart: new Date(n * 3_600_000).toISOString(),
  windowEnd: new Date((n + 1) * 3_600_000).toISOString(),
  pv,
  revision: 0,
  final: true,
});

describe('the newest rows come first', () => {
  const ends = ['a 1', 'a 2', 'b 1', 'b 2'];
  const rows = ends.map((text) => ({ board: text.slice(0, 1), windowEnd: text.slice(2) }));
  it.each([
    ['windows by their ends, those of one end by key', 'windows', {}, ['a 2', 'b 2', 'a 1', 'b 1']],
    ['problems, which are read oldest first', 'statuses', { problem: 'late' }, ends.toReversed()],
    ['and statuses stay as they are', 'statuses', {}, ends],
    ['and facts', 'facts', {}, ends],
  ] as const)('%s', (_, kind, question, order) => {
    const shown = newestFirst(rows, { rows: kind }, question);
    expect(shown.map((row) => `${row['board']} ${row['windowEnd']}`)).toEqual(order);
  });
});

describe('the picture', () => {
  function picture(columns: number, rows: number) {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    const stream = { isTTY: true, columns, rows, write } as unknown as NodeJS.WriteStream;
    const clock = { now: () => processingTime(Date.parse('2026-03-02T09:15:02Z')) };
    const watched = { table: PVUV, about: ['of \u001b[2Jall'], everySeconds: 2 };
    const lines = () =>
      stripVTControlCharacters(written.splice(0).join('')).replace(/\n$/, '').split('\n');
    return { view: pictureView(stream, watched, clock), lines };
  }

  it('says what it shows and when it was read, above a table that fits the terminal', () => {
    const { view, lines } = picture(80, 24);
    view.show([hour(1, 5), hour(0, 10)]);
    const [head, border, , , first] = lines();
    expect(head).toBe('pvuv at 09:15:02 UTC: 2 rows, of \\u001b[2Jall, every 2 s');
    expect(border).toMatch(/^┌─.*┐$/);
    expect(first).toMatch(/^│ all +│ 1970-01-01 01:00 – 02:00 │ +5 █+ +│ 0 +│$/);
  });

  it.each([
    [24, 3],
    [11, 3],
    [10, 3],
    [10, 4_000],
    [5, 400],
  ])(
    'of a terminal of %i lines has the first ones of %i rows, and counts the others',
    (height, count) => {
      const { view, lines } = picture(80, height);
      view.show(Array.from({ length: count }, (_, n) => hour(n, n)));
      const shown = lines();
      const rows = shown.filter((line) => line.startsWith('│ all')).length;
      expect(rows).toBe(Math.min(count, Math.max(1, height - 8)));
      if (height > 8) {
        expect(shown.length).toBeLessThan(height);
        expect(shown[0]).toContain(`: ${count.toLocaleString('en-US')} rows, `);
      }
      const others = (count - rows).toLocaleString('en-US');
      expect(shown.at(-1)).toMatch(rows < count ? `${others} more` : /^└/);
    },
  );

  it('keeps its rows and their time where a reading fails, and says so above them', () => {
    const { view, lines } = picture(80, 24);
    view.show([hour(0, 10)]);
    lines();
    view.fail(`nothing answers at 127.0.0.1:4568; ${'x'.repeat(80)}`);
    expect(lines().join('\n')).toMatch(/no answer since: nothing answers at 127.0.0.1:4568; x+…/);
  });
});

describe('lines of changes', () => {
  it('are of rows that are new or other ones than in the last reading', () => {
    const out: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void out.push(line));
    const taken = () => out.splice(0).map((line) => JSON.parse(line).pv);
    const view = changesView(PVUV);
    view.show([hour(0, 10), hour(1, 5)]);
    expect(taken()).toEqual([10, 5]);
    view.show([hour(0, 10), hour(1, 5)]);
    expect(taken()).toEqual([]);
    view.show([hour(0, 10), hour(1, 6), hour(2, 1)]);
    expect(taken()).toEqual([6, 1]);
    // A table that was made anew has all its rows anew.
    view.show([]);
    view.show([hour(0, 10)]);
    expect(taken()).toEqual([10]);
  });

  it('come with one warning for as long as readings fail alike', () => {
    const err: string[] = [];
    vi.spyOn(console, 'error').mockImplementation((line) => void err.push(line));
    const view = changesView(PVUV);
    for (const text of ['gone', 'gone', 'closed']) view.fail(text);
    view.show([]);
    view.fail('closed');
    expect(err).toEqual(
      ['gone', 'closed', 'closed'].map((text) => `warning: nothing new for now: ${text}`),
    );
  });
});

it.each([
  [['--watch'], '--watch draws a table on a terminal only; give --format json'],
  [['--watch', '--format', 'csv'], '--watch prints no CSV; give --format json'],
  [['--watch', '0'], '--watch is "0"; give a whole number from 1 to 86400'],
  [['--watch', '1.5'], '--watch is "1.5"'],
])('results pvuv %j is refused in a line where there is no terminal', async (args, line) => {
  const ending = await runCommand(['results', 'pvuv', ...args]);
  expect(ending).toMatchObject({ exitCode: 2, line: expect.stringContaining(line) });
});
