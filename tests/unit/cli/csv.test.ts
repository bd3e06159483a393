/** What is written as CSV is there again for whoever reads it. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { printRows } from '../../../cli/output/printRows.ts';
import type { ShownTable } from '../../../cli/output/rows.ts';
import { printSideEvents } from '../../../cli/output/sideEvents.ts';
import { runCommand } from '../../../cli/program.ts';
import { arrivalTime, eventTime, watermarkAt } from '../../../shared/model/time.ts';
import type { Item, Value } from '../../../shared/ports/table.ts';
import type { StoredSideEvent } from '../../../shared/state/lane/sideColumns.ts';

afterEach(() => vi.restoreAllMocks());

/** What goes to standard output and to standard error. */
async function printed(print: () => Promise<unknown>): Promise<{ out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void out.push(`${line}\n`));
  vi.spyOn(console, 'error').mockImplementation((line) => void err.push(`${line}\n`));
  await print();
  vi.restoreAllMocks();
  return { out: out.join(''), err: err.join('') };
}

const csvOf = (rows: readonly Item[], table: ShownTable) =>
  printed(() => printRows(rows, table, 'csv'));

const PAGES: ShownTable = { name: 'pages', partitionKey: 'url', sortKey: 'windowEnd' };

describe('rows as CSV', () => {
  it('have one header: the keys, then what any row has, in the order of JSON lines', async () => {
    const rows = [
      { windowEnd: '2', url: '/a', final: true, uv: 3, fence: 7, ranking: [] },
      { windowEnd: '3', url: '/b', count: -1.5, about: 'x', final: false },
    ];
    expect((await csvOf(rows, PAGES)).out).toBe(
      'url,windowEnd,count,about,final,ranking,uv\n/a,2,,,true,[],3\n/b,3,-1.5,x,false,,\n',
    );
  });

  it('have a header where there are none', async () => {
    expect((await csvOf([], PAGES)).out).toBe('url,windowEnd\n');
  });

  it('have lists and maps as JSON, in one order whatever they are stored in', async () => {
    const ranking = [{ count: 3, id: 'a"b', rank: 1 }];
    expect((await csvOf([{ url: '/a', windowEnd: '2', ranking }], PAGES)).out).toBe(
      'url,windowEnd,ranking\n/a,2,"[{""rank"":1,""id"":""a\\""b"",""count"":3}]"\n',
    );
  });

  it('are read again as they were, whatever they hold', async () => {
    const nasty = fc.constantFrom('a,b', '"', '\n', '\r', '\r\n', ' x ', '=1+1', '', '\ufeff', ';');
    const sign = fc.oneof(nasty, fc.string({ unit: 'grapheme' }));
    // No table stores a zero with a sign.
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0);
    const scalar = fc.oneof(sign, fc.boolean(), number);
    const value = fc.oneof(scalar, fc.array(scalar), fc.dictionary(sign, scalar));
    const names = fc.uniqueArray(sign, { minLength: 1, maxLength: 5 });
    const table = names.chain((all) =>
      fc
        .array(
          fc.record({
            key: fc.string({ unit: 'grapheme', minLength: 1 }),
            values: fc.array(fc.option(value, { nil: undefined }), {
              minLength: all.length,
              maxLength: all.length,
            }),
          }),
        )
        .map((rows) => ({ all: all.map((name) => `a${name}`), rows })),
    );
    await fc.assert(
      fc.asyncProperty(table, async ({ all, rows }) => {
        const items = rows.map(({ key, values }): Item => ({ key, ...attributes(all, values) }));
        const { out } = await csvOf(items, { name: 't', partitionKey: 'key' });
        const [head = [], ...lines] = parse(out) as string[][];
        expect(lines).toHaveLength(items.length);
        for (const [i, item] of items.entries()) {
          const row = new Map(head.map((name, column) => [name, lines[i]?.[column] ?? '']));
          for (const name of ['key', ...all]) {
            expect(meant(row.get(name) ?? '', item[name])).toEqual(item[name]);
          }
        }
      }),
    );
  });

  it.each([
    ['a terminal, which would obey them', true, '"\\u001b[2J\\r",2'],
    ['a file', false, '"\u001b[2J\r",2'],
  ])('have control characters escaped for people only: %s', async (_, isTTY, line) => {
    const before = process.stdout.isTTY;
    process.stdout.isTTY = isTTY;
    try {
      const { out } = await csvOf([{ url: '\u001b[2J\r', windowEnd: '2' }], PAGES);
      expect(out).toBe(`url,windowEnd\n${line}\n`);
    } finally {
      process.stdout.isTTY = before;
    }
  });

  it('leave ids as they are that a spreadsheet takes for formulas, and say how many', async () => {
    const rows = ['=1+1', '+49', '@x', '-1', '＝1', 'a=1'].map((url) => ({
      url,
      windowEnd: '2',
      n: -1,
    }));
    const { out, err } = await csvOf(rows, PAGES);
    expect(out).toContain('\n=1+1,2,-1\n+49,2,-1\n@x,2,-1\n');
    expect(err).toBe(
      'note: a spreadsheet would take 5 values of this CSV for formulas; import the columns as text\n',
    );
  });
});

const attributes = (names: readonly string[], values: readonly (Value | undefined)[]): Item =>
  Object.fromEntries(
    names.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]]])),
  ) as Item;

/** What a reader makes of a cell who knows what kind of value it is. */
function meant(cell: string, of: Value | undefined): Value | undefined {
  if (of === undefined) return cell === '' ? undefined : cell;
  return typeof of === 'string' ? cell : (JSON.parse(cell) as Value);
}

describe('late events and dead letters as CSV', () => {
  const side: StoredSideEvent = {
    kind: 'late',
    lane: 'logins/s',
    position: '1/0',
    arrival: arrivalTime(0),
    partitionKey: 'k',
    eventTime: eventTime(1_000),
    watermark: watermarkAt(2_000),
    raw: Buffer.from('a,"b"\n'),
  };

  it('have all columns, whichever of them the first ones have', async () => {
    async function* sides() {
      yield side;
      yield { ...side, raw: Buffer.of(0xff) };
    }
    const { out } = await printed(() => printSideEvents(sides(), 'csv'));
    expect(parse(out, { columns: true })).toMatchObject([
      { kind: 'late', reason: '', eventTime: '1970-01-01T00:00:01.000Z', event: 'a,"b"\n' },
      { position: '1/0', event: '', eventBase64: '/w==' },
    ]);
  });
});

describe('run --format csv of a job with several tables', () => {
  it.each([
    [
      ['--format', 'csv'],
      'a CSV has rows of one table, and ad-blacklist has ad-blacklist and ad-clicks; choose one with --table',
    ],
    [['--table', 'pvuv'], 'ad-blacklist has no table "pvuv"; it has ad-blacklist and ad-clicks'],
  ])('%j is refused before anything is read', async (args, line) => {
    const nowhere = ['--input', 'no-such-file'];
    expect(await runCommand(['run', 'ad-blacklist', ...args, ...nowhere])).toEqual({
      exitCode: 2,
      line,
    });
  });
});
