/** CSV as people have it: quoted, with blanks, behind a header, cut at other signs. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, CsvRecords } from '../../../inputs/lines/csvRecords.ts';
import { checkInput, type InputOptions } from '../../../inputs/readInput.ts';
import { fileOf, read, rowsOf } from './inputFiles.ts';

const AT = 1_558_430_842;
const MS = `${AT}000`;

/** What the file is, its lines, and what they hold: line number and attributes. */
const FILES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'quoted',
    `"t1","wechat",${AT}\n"t2","wechat","${AT}"\n`,
    [`1: t1 wechat ${MS}`, `2: t2 wechat ${MS}`],
  ],
  ['quoted commas', `"t,1",wechat,${AT}\n`, [`1: t,1 wechat ${MS}`]],
  ['doubled quotes', `"t""1""",wechat,${AT}\n`, [`1: t"1" wechat ${MS}`]],
  [
    'quoted line ends',
    `"t\n1",wechat,${AT}\nt2,alipay,${AT}\n`,
    [`1: t\n1 wechat ${MS}`, `3: t2 alipay ${MS}`],
  ],
  [
    'quoted, of Windows',
    `"t1","wechat",${AT}\r\n"t2","alipay",${AT}\r\n`,
    [`1: t1 wechat ${MS}`, `2: t2 alipay ${MS}`],
  ],
  [
    'blanks beside commas',
    `t1 , wechat,\t${AT} \n "t2" , "wechat" , ${AT}\n`,
    [`1: t1 wechat ${MS}`, `2: t2 wechat ${MS}`],
  ],
  [
    'a byte order mark in the middle',
    `\ufefft1,wechat,${AT}\n\ufeff"t2",wechat,${AT}\n`,
    [`1: t1 wechat ${MS}`, `2: t2 wechat ${MS}`],
  ],
  [
    'ids in braces',
    `{3F25-04E0},wechat,${AT}\n{3F25-04E1},alipay,${AT}\n`,
    [`1: {3F25-04E0} wechat ${MS}`, `2: {3F25-04E1} alipay ${MS}`],
  ],
  [
    'ids in brackets',
    `[t-9],alipay,${AT}\n[{t}],alipay,${AT}\n`,
    [`1: [t-9] alipay ${MS}`, `2: [{t}] alipay ${MS}`],
  ],
  [
    'a quote within a cell',
    `5" pipe,wechat,${AT}\nt2,wechat,${AT}\n`,
    [`1: 5" pipe wechat ${MS}`, `2: t2 wechat ${MS}`],
  ],
  [
    'blank lines',
    `\nt1,wechat,${AT}\n \n\n"t2",wechat,${AT}\n`,
    [`2: t1 wechat ${MS}`, `5: t2 wechat ${MS}`],
  ],
];

describe('CSV is read', () => {
  it.each(FILES)('with %s', async (_, content, rows) => {
    expect(await rowsOf('receipts', content)).toEqual(rows);
  });

  it('with a quote that nobody closes, which costs its own line only', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `t${n},wechat,${AT}`);
    const rows = await rowsOf('receipts', ['"t,wechat', ...lines].join('\n'));
    expect(rows[0]).toBe(
      '1: is neither JSON nor CSV of this stream: a quote is opened and never closed: close it, or write it twice in quotes',
    );
    expect(rows.slice(1)).toEqual(lines.map((_, n) => `${n + 2}: t${n} wechat ${MS}`));
  });

  it('with a quoted cell that goes on', async () => {
    expect(await rowsOf('receipts', `"t"1,wechat,${AT}\nt2,wechat,${AT}`)).toEqual([
      '1: is neither JSON nor CSV of this stream: a cell goes on behind its closing quote: write quotes in it twice',
      `2: t2 wechat ${MS}`,
    ]);
  });

  it('beside JSON and bytes that are no text', async () => {
    const event = `{"txId":"t2","channel":"x","timestamp":${MS}}`;
    const bytes = Buffer.concat([
      Buffer.from(`"t1",wechat,${AT}\n${event}\n`),
      Buffer.of(0xff, 0x0a),
      Buffer.from(`"t3\n",wechat,${AT}`),
    ]);
    const rows = await rowsOf('receipts', bytes);
    expect([rows[0], rows[1], rows[3]]).toEqual([
      `1: t1 wechat ${MS}`,
      `2: t2 x ${MS}`,
      `4: t3\n wechat ${MS}`,
    ]);
    expect(rows[2]).toMatch(/^3: /);
  });

  it('the same wherever its chunks end', async () => {
    const lines = Array.from({ length: 4_000 }, (_, n) =>
      n % 3 === 0 ? `"t${n}, \n""x""",wechat,${AT}` : `t${n},${'x'.repeat(n % 83)}y,${AT}`,
    );
    const rows = await rowsOf('receipts', lines.join('\n'));
    expect(rows.length).toBe(4_000);
    expect(rows[3_999]).toBe(`5333: t3999, \n"x" wechat ${MS}`);
  });
});

describe('a header', () => {
  it.each([
    ['is known by its names', 'txId,channel,timestamp', `t1,wechat,${AT}`, `t1 wechat ${MS}`],
    [
      'is known however they are written',
      '"TX_ID","Channel","time stamp"',
      `t1,wechat,${AT}`,
      `t1 wechat ${MS}`,
    ],
    [
      'says in which order columns come',
      'timestamp,channel,txId',
      `${AT},wechat,t1`,
      `${MS} wechat t1`,
    ],
    [
      'may name more columns',
      ',txId,city,channel,timestamp',
      `0,t1,x,wechat,${AT}`,
      `t1 wechat ${MS}`,
    ],
  ])('%s', async (_, header, line, row) => {
    expect(await rowsOf('receipts', `${header}\n${line}\n`)).toEqual([`2: ${row}`]);
  });

  it('may come again, where files are put one behind the other', async () => {
    const file = `txId,channel,timestamp\nt1,wechat,${AT}\n`;
    expect((await read('receipts', file + file)).map(({ lineNumber }) => lineNumber)).toEqual([
      2, 4,
    ]);
  });

  it('is the first line where it is said to be, and columns may be named', async () => {
    const options: Partial<InputOptions> = {
      header: 'first',
      columns: ['timestamp', '-', 'txId', 'channel'],
    };
    expect(await rowsOf('receipts', `when,no,what,how\n${AT},7,t1,wechat\n`, options)).toEqual([
      `2: ${MS} t1 wechat`,
    ]);
  });

  it('without the time is refused, and so are columns that are none', async () => {
    await expect(read('receipts', 'a,b,c\n', { header: 'first' })).rejects.toThrow(
      /the header of .* is "a,b,c" and has no timestamp: name its columns with --columns/,
    );
    const file = fileOf('x');
    const check = (columns: string[]) => checkInput('receipts', file, { timeUnit: 's', columns });
    await expect(check(['txId', 'chanel', 'timestamp'])).rejects.toThrow(
      '--columns names "chanel"',
    );
    await expect(check(['txId', 'txId', 'timestamp'])).rejects.toThrow(
      '--columns names txId twice',
    );
    await expect(check(['txId', 'channel'])).rejects.toThrow('--columns lacks timestamp');
  });

  it('that is none is an event: an id may be called like a column', async () => {
    expect(await rowsOf('receipts', `txId,channel,${AT}\n`)).toEqual([`1: txId channel ${MS}`]);
  });
});

describe('a separator', () => {
  it.each([';', '\t', '|'])('may be %j', async (separator) => {
    const text = ['t1', '"a;\t|b"', AT].join(separator);
    expect(await rowsOf('receipts', text, { separator })).toEqual([`1: t1 a;\t|b ${MS}`]);
  });

  it.each([
    [';', "--separator ';' would give 3"],
    ['\t', '--separator tab would give 3'],
  ])('that is not said is guessed in the reason: %j', async (separator, hint) => {
    const rows = await rowsOf('receipts', ['t1', 'wechat', AT].join(separator));
    expect(rows).toEqual([
      `1: is neither JSON nor CSV of this stream: write the 3 columns txId,channel,timestamp (found 1; ${hint})`,
    ]);
  });
});

describe('lines without quotes', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', ' ', '\t', '\r', '\f', 'é', '\u00a0', '\u3000', '5'),
  });
  const line = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(','));
  const recordsOf = (lines: readonly string[]): CsvRecord[] => {
    const records = new CsvRecords(',');
    return [...records.take(lines.map((text, n) => ({ text, line: n + 1 }))), ...records.end()];
  };

  it('are cut as the library cuts them', () => {
    const lines = fc.array(
      line.filter((text) => text.trim() !== ''),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(lines, (texts) => {
        const cut = recordsOf(texts).map((record) => 'cells' in record && record.cells);
        const options = { relax_column_count: true, trim: true, record_delimiter: '\n' };
        expect(cut).toEqual(parse(texts.join('\n'), options));
      }),
    );
  });

  it('are cut the same beside lines with quotes', () => {
    fc.assert(
      fc.property(fc.array(line), (texts) => {
        const alone = recordsOf(texts);
        expect(recordsOf([...texts, '"q"']).slice(0, -1)).toEqual(alone);
      }),
    );
  });

  it('and with any quotes lose no text, whatever is quoted', () => {
    const quoted = fc.string({ unit: fc.constantFrom('a', ',', '"', ' ') });
    fc.assert(
      fc.property(fc.array(quoted), (texts) => {
        const kept = texts.filter((text) => text.trim() !== '').join('\n');
        const seen = recordsOf(texts)
          .map(({ text }) => text)
          .join('\n');
        expect(seen.replaceAll(/\n\s*(?=\n|$)/g, '')).toBe(kept);
      }),
    );
  });
});
