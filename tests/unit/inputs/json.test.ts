/** JSON as people have it: lines, lists, documents over several lines and one behind the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceCutter } from '../../../inputs/files/pieces.ts';
import { read, rowsOf } from './inputFiles.ts';

const event = (txId: string) => ({ txId, channel: 'x', timestamp: 1_558_430_842_000 });
const json = (txId: string): string => JSON.stringify(event(txId));
const row = (line: number, txId: string): string => `${line}: ${txId} x 1558430842000`;
const pretty = (value: unknown): string => JSON.stringify(value, undefined, 2);
const damaged = '{"txId":"1","channel":';

describe('JSON is read', () => {
  it.each([
    ['a list on a line', JSON.stringify([event('1'), event('2')]), [row(1, '1'), row(1, '2')]],
    ['a list over lines', pretty([event('1'), event('2')]), [row(2, '1'), row(7, '2')]],
    ['a list of lines', `[\n${json('1')},\n${json('2')}\n]\n`, [row(2, '1'), row(3, '2')]],
    [
      'lists one behind the other',
      `[${json('1')}][${json('2')}]\n[${json('3')}]`,
      [row(1, '1'), row(1, '2'), row(2, '3')],
    ],
    [
      'documents over lines',
      `${pretty(event('1'))}\n${pretty(event('2'))}\n`,
      [row(1, '1'), row(6, '2')],
    ],
    [
      'documents on one line',
      `${json('1')}${json('2')} ${json('3')}\n${json('4')}`,
      [row(1, '1'), row(1, '2'), row(1, '3'), row(2, '4')],
    ],
    ['brackets in texts', `[${json('}]{"')}, ${json('\\"{')}]`, [row(1, '}]{"'), row(1, '\\"{')]],
    [
      'marks before documents',
      `\ufeff${json('1')}\n\ufeff${pretty(event('2'))}`,
      [row(1, '1'), row(2, '2')],
    ],
    ['CSV behind JSON', `${pretty(event('1'))}\n2,x,1558430842\n`, [row(1, '1'), row(6, '2')]],
  ])('as %s', async (_, content, rows) => {
    expect(await rowsOf('receipts', content)).toEqual(rows);
  });

  it('with each event on one line, as it was written where it stood on one', async () => {
    const events = await read('receipts', ` {"txId": "1"} \n[{"txId": 2.0},\n{\n"txId": -0}]`);
    expect(events.map(({ line }) => line)).toEqual([
      ' {"txId": "1"} ',
      '{"txId": 2.0}',
      '{"txId":0}',
    ]);
    for (const { line, value } of events) expect(value).toStrictEqual(JSON.parse(String(line)));
  });

  it.each([
    ['cut short', damaged],
    ['cut within a text', '{"txId":"1'],
    ['never closed', '{'],
    ['followed by something', '{"a":1} x'],
    ['of other brackets', '{"a":[1}'],
    ['no list of objects', '[1,2'],
    ['a list that is cut short', `[{"a":`],
  ])('so that a line that is %s is dead as it is, and costs no other', async (_, line) => {
    const rows = await rowsOf('receipts', `${line}\n${json('2')}\n${json('3')}\n${json('4')}\n`);
    expect(rows).toEqual([`1: ${line}`, row(2, '2'), row(3, '3'), row(4, '4')]);
  });

  it('so that an item that is damaged costs no other', async () => {
    const rows = await rowsOf('receipts', `[\n${json('1')},\n${damaged}},\n${json('3')}\n]`);
    expect(rows).toEqual([row(2, '1'), `3: ${damaged}}`, row(4, '3')]);
  });

  it('so that an item that is damaged costs no other on its line either', async () => {
    const rows = await rowsOf(
      'receipts',
      `[${json('1')}, {"a" "b"}, ${json('3')},{"a":"b},${json('5')}]`,
    );
    expect(rows.slice(0, 3)).toEqual([row(1, '1'), '1: {"a" "b"}', row(1, '3')]);
    expect(rows[3]).toMatch(/^1: \{"a":"b\}/);
    const long = Array.from({ length: 20_000 }, (_, n) => (n === 7 ? '{"a"}' : json(String(n))));
    expect((await rowsOf('receipts', `[${long.join()}]`)).length).toBe(20_000);
  });

  it('from a list on one line that is longer than a record', async () => {
    const list = Array.from({ length: 20_000 }, (_, n) => event(String(n)));
    const rows = await rowsOf('receipts', JSON.stringify(list));
    expect(rows.length).toBe(20_000);
    expect(rows.at(-1)).toBe(row(1, '19999'));
  });

  it('the same wherever its chunks end', () => {
    const piece = fc.constantFrom(
      ...[json('1'), pretty(event('é')), `[${json('1')},\n ${json('2')}]`, '{', '[', damaged],
      ...['"a\nb",c,1', '\ufeffx', '', '[]', '{"a":[{"b":"\\""}]}', ']', ',', '}'],
    );
    const piecesOf = (chunks: readonly Buffer[]) => {
      const cutter = new PieceCutter();
      const pieces = chunks.flatMap((chunk) => cutter.push(chunk));
      for (let last = cutter.end(); last.length > 0; last = cutter.end()) pieces.push(...last);
      // Blank lines are skipped later.
      return pieces
        .map(({ bytes, line }) => `${line}: ${bytes.toString()}`)
        .filter((text) => !/^\d+:\s*$/.test(text));
    };
    const content = fc.array(piece, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        content,
        fc.constantFrom('\n', '', '\r\n'),
        fc.integer({ min: 1, max: 9 }),
        (parts, end, size) => {
          const bytes = Buffer.from(parts.join(end));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          expect(piecesOf(chunks)).toEqual(piecesOf([bytes]));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
