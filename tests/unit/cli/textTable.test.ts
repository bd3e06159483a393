/** Tables as a terminal and a file have them. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type Column, textTable } from '../../../cli/output/textTable.ts';
import { textWidth } from '../../../cli/output/width.ts';

const text = (head: string, cutAt?: Column['cutAt']): Column => ({
  head,
  kind: 'text',
  ...(cutAt ? { cutAt } : {}),
});
const figures = (head: string, counts?: readonly number[]): Column => ({
  head,
  kind: 'figures',
  ...(counts ? { counts } : {}),
});
const linesOf = (...table: Parameters<typeof textTable>): string[] =>
  textTable(...table).split('\n');

const LONG = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);

describe('a table of a file or a pipe', () => {
  it('has whole cells, however long, figures below each other, and no bars', () => {
    const counts = [7, 1_000];
    const rows = counts.map((count) => [LONG, count.toLocaleString('en-US')]);
    expect(linesOf([text('word'), figures('count', counts)], rows)).toEqual([
      `┌${'─'.repeat(106)}┬───────┐`,
      `│ word${' '.repeat(100)} │ count │`,
      `├${'─'.repeat(106)}┼───────┤`,
      `│ ${LONG} │     7 │`,
      `│ ${LONG} │ 1,000 │`,
      `└${'─'.repeat(106)}┴───────┘`,
    ]);
  });

  it('without rows says so', () => expect(textTable([text('a')], [])).toBe('none'));
});

describe('signs that take two columns, or none', () => {
  it.each([
    ['Chinese', '宽宽', '│ 宽宽  │'],
    ['an emoji of these days', '🫠', '│ 🫠    │'],
    ['one of several', '👩‍🚀', '│ 👩‍🚀    │'],
    ['Thai marks', 'สวัสดี', '│ สวัสดี  │'],
    ['an accent of its own', 'e\u0301', '│ e\u0301     │'],
  ])('leave the frame straight: %s', (_, cell, line) => {
    expect(linesOf([text('wide')], [[cell], ['12345']])[3]).toBe(line);
  });

  it('are as wide beside each other as the library finds that looks at each of them', () => {
    const range = (first: string, last: string) =>
      fc
        .integer({ min: first.codePointAt(0) ?? 0, max: last.codePointAt(0) ?? 0 })
        .map((code) => String.fromCodePoint(code));
    const plain = [
      range(' ', '~'),
      range('ぁ', 'ゖ'),
      range('ァ', 'ヺ'),
      range('一', '鿿'),
      range('가', '힣'),
    ];
    const sign = fc.oneof(
      ...plain,
      fc.constantFrom('×', '–', '…', '\u0301', '\u3099', '\u20e3', '🫠'),
    );
    fc.assert(
      fc.property(fc.array(sign), (signs) => {
        expect(textWidth(signs.join(''))).toBe(stringWidth(signs.join('')));
      }),
    );
  });

  it.each([
    [20, '│ 🫠🫠🫠🫠🫠🫠🫠… │'],
    // Half of one is none: a blank stands where it would.
    [21, '│ 🫠🫠🫠🫠🫠🫠🫠🫠… │'],
    [19, '│ 🫠🫠🫠🫠🫠🫠🫠… │'],
  ])('are cut as wholes to %i columns', (width, line) => {
    const shown = linesOf([text('wide')], [['🫠'.repeat(20)]], width)[3] ?? '';
    expect(shown.replace(/ +│$/, ' │')).toBe(line);
    expect(stringWidth(shown)).toBe(width);
  });
});

describe('a table of a terminal', () => {
  it('shrinks its widest column first, and leaves short ones and figures whole', () => {
    const columns = [text('key'), text('long'), text('time'), figures('count')];
    const row = ['items:pv', LONG, '2019-05-21T09:27:22Z', '1,234,567'];
    expect(linesOf(columns, [row], 80)[3]).toBe(
      '│ items:pv │ abcdefghijklmnopqrstuvwxyzabc… │ 2019-05-21T09:27:22Z │ 1,234,567 │',
    );
  });

  it('gives several wide ones the same', () => {
    const [, , , line = ''] = linesOf([text('a'), text('b'), text('c')], [[LONG, 'x', LONG]], 71);
    expect(line.split('│').map(({ length }) => length)).toEqual([0, 32, 3, 32, 0]);
  });

  it('cuts an id at its start, and gives it no more than tells it apart', () => {
    const columns = [text('why'), text('more'), text('position', 'start')];
    const [, , , line = ''] = linesOf(columns, [[LONG, LONG, LONG]], 120);
    expect(line).toMatch(/│ …defghijklmnopqrstuvwxyz │$/);
    expect(stringWidth(line)).toBe(120);
  });

  it('leaves columns out from the last on where all would say too little, and names them', () => {
    const columns = [text('key'), text('a'), text('b'), figures('c'), text('d')];
    const lines = linesOf(columns, [['key', LONG, LONG, '123', 'x']], 64);
    expect(lines[1]).toMatch(/^│ key │ a +│ b +│$/);
    expect(lines.at(-1)).toBe('no room for c, d; piped to less -S, all is shown');
  });

  it('cuts its first two columns, and no other, where it is narrower than them', () => {
    const columns = [text('key'), text('window', 'never'), figures('count')];
    const lines = linesOf(columns, [['key', '2017-11-26 01:00 – 02:00', '7']], 24);
    expect(lines[3]).toBe('│ key │ 2017-11-26 01… │');
  });

  it('is never wider than it, and straight, whatever it holds', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom('宽'.repeat(30), '🫠👩‍🚀'.repeat(9), LONG, '1,234,567'),
    );
    const column = fc.record({
      head: fc.string({ minLength: 1, maxLength: 9 }),
      kind: fc.constantFrom('text' as const, 'figures' as const),
      cutAt: fc.constantFrom('end' as const, 'start' as const, 'never' as const),
    });
    const table = fc.array(column, { minLength: 1, maxLength: 6 }).chain((columns) =>
      fc.tuple(
        fc.constant(columns),
        fc.array(fc.array(cell, { minLength: columns.length, maxLength: columns.length }), {
          minLength: 1,
          maxLength: 5,
        }),
      ),
    );
    fc.assert(
      fc.property(table, fc.integer({ min: 9, max: 150 }), ([columns, rows], width) => {
        const framed = linesOf(columns, rows, width).filter((line) => /^[┌│├└]/.test(line));
        const [first = 0, ...others] = framed.map((line) => stringWidth(line));
        expect(framed).toHaveLength(rows.length + 4);
        expect(first).toBeLessThanOrEqual(width);
        for (const other of others) expect(other).toBe(first);
      }),
    );
  });
});

describe('bars beside counts', () => {
  const counts = [0, 1, 25, 50, 100];
  const rows = counts.map((count) => [`${count}`]);
  const barsIn = (lines: readonly string[]) =>
    lines.slice(3, -1).map((line) => line.slice(6, -2).trimEnd());

  it('are as long as the counts, in eighths of a sign, and 20 columns at most', () => {
    const lines = linesOf([figures('pv', counts)], rows, 200);
    expect(barsIn(lines)).toEqual(['', '▎', '█'.repeat(5), '█'.repeat(10), '█'.repeat(20)]);
    expect(lines[0]).toBe(`┌${'─'.repeat(26)}┐`);
  });

  it('show what is little as more than nothing', () => {
    const lines = linesOf([figures('pv', [1, 100_000])], [['1'], ['100']], 80);
    expect(lines[3]).toContain('  1 ▏');
  });

  it('take only room that is left: shorter first, then of fewer columns, then none', () => {
    const columns = [figures('pv', counts), figures('uv', counts)];
    const twice = rows.map(([count = '']) => [count, count]);
    const widths = [200, 40, 25, 24, 19, 18].map((width) => {
      const [, , , , , , , line = ''] = linesOf(columns, twice, width);
      return line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.match(/█/g)?.length ?? 0);
    });
    expect(widths).toEqual([
      [20, 20],
      [12, 12],
      [5, 5],
      [10, 0],
      [5, 0],
      [0, 0],
    ]);
  });
});

describe('a long table', () => {
  it('has one head, every row once and in order, and columns as wide as their widest value', () => {
    const rows = Array.from({ length: 450 }, (_, n) => [`${n}`, n === 333 ? '宽 and long' : 'x']);
    const lines = linesOf([text('number'), text('word')], rows);
    expect(lines).toHaveLength(rows.length + 4);
    expect(lines.slice(3, -1).map((line) => line.split('│')[1]?.trim())).toEqual(
      rows.map(([number]) => number),
    );
    expect(lines[3]).toBe(`│ 0      │ x${' '.repeat(11)}│`);
    expect(lines[336]).toBe('│ 333    │ 宽 and long │');
  });

  it('is printed in a time that grows with its rows, and of any length', () => {
    const many = Array.from({ length: 200_000 }, (_, n) => [`${n}`, '×', 'y']);
    expect(
      linesOf(
        ['a', 'b', 'c'].map((head) => text(head)),
        many,
        80,
      ),
    ).toHaveLength(200_004);
  });
});
