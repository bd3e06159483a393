import { describe, expect, it } from 'vitest';
import { eventTime, isoTime, timeOfText } from '../../../../shared/model/time.ts';
import { decodeColumns, encodeColumns } from '../../../../shared/state/columns/columns.ts';
import { FORM, formOf } from '../../../../shared/state/columns/forms.ts';
import { timeOf } from '../../../../shared/state/columns/times.ts';

const COUNT = 1_000;

function bytesEach(textOf: (i: number) => string): number {
  const list = Array.from({ length: COUNT }, (_, i) => textOf(i));
  const stored = encodeColumns(list);
  expect(decodeColumns(stored)).toEqual(list);
  return stored.length / COUNT;
}

/** Below 2^16 and scattered, but the same in every run. */
function scattered(i: number): number {
  const mixed = Math.imul(i ^ (i >>> 3), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 16;
}
const NAMES = ['Ada', 'Grace', 'Barbara', 'Frances', 'Jean', 'Kathleen', 'Margaret', 'Radia'];
const SEQUENCE = 49590338271490256608559692538361571095921575989136588898n;

describe('a text is of a form', () => {
  it.each([
    [FORM.number, ['0', '7', '10', '999999999999999']],
    [FORM.long, ['1000000000000000', '9'.repeat(64)]],
    [FORM.uuid, ['00000000-0000-0000-0000-000000000000', '01234567-89ab-cdef-0123-456789abcdef']],
    [FORM.hex, ['00000000', 'deadbeef', '0000000000000000']],
    [
      FORM.time,
      ['2017-11-26T02:00:00.000Z', '0000-01-01T00:00:00.000Z', '2000-02-29T23:59:59.999Z'],
    ],
  ])('%i if it is written so', (form, texts) => {
    for (const text of texts) expect([text, formOf(text)]).toEqual([text, form]);
  });

  it.each([
    ['numbers', ['', '00', '007', '+1', '-0', '-1', '1.0', '1e3', ' 1', '1 ', '٣', '9'.repeat(65)]],
    ['UUIDs', ['01234567-89AB-cdef-0123-456789abcdef', '01234567x89ab-cdef-0123-456789abcdef']],
    ['UUIDs that are none', ['01234567-89ab-cdef-0123-456789abcdeg', `${'0'.repeat(34)}é0`]],
    ['hexadecimal digits', ['abcdef', 'deadbeef0', 'DEADBEEF', 'deadbeeg', 'deadbeéf']],
    ['times', ['2017-11-26T02:00:00Z', '2017-11-26 02:00:00.000Z', '+010000-01-01T00:00:00.000Z']],
    ['times that are none', ['2017-02-29T00:00:00.000Z', '2017-11-26T24:00:00.000Z']],
  ])('other if it only resembles %s', (_, texts) => {
    for (const text of texts) expect([text, formOf(text)]).toEqual([text, FORM.other]);
  });

  it('as a time of which the milliseconds are those of the engine', () => {
    for (let ms = -6.2e13; ms < 2.5e14; ms += 86_400_000 * 97 + 12_345_678) {
      const text = isoTime(eventTime(ms));
      if (text.length === 24) expect(timeOf(text)).toBe(timeOfText(text));
    }
  });
});

describe('a column of texts', () => {
  it.each([
    ['two bytes for numbers below 2^16', (i: number) => String(scattered(i)), 2.1],
    ['sixteen bytes for UUIDs', uuidOf, 16.1],
    ['half of hexadecimal digits', (i: number) => uuidOf(i).slice(0, 8), 4.2],
    ['two bytes for times', (i: number) => isoTime(eventTime(scattered(i) * 1_000)), 2.2],
    ['little for one of a few', (i: number) => NAMES[scattered(i) % 8] as string, 0.6],
    ['little where each comes a few times in a row', (i: number) => uuidOf(i >> 3), 2.3],
    ['what differs of patterns', (i: number) => `order-${scattered(i)}/v2`, 2.2],
    ['what differs of addresses', (i: number) => `10.0.${scattered(i) >> 8}.${i & 255}`, 2.1],
    ['what differs of padded numbers', (i: number) => `n${String(i).padStart(6, '0')}`, 0.1],
    ['what differs of sorted texts', (i: number) => `${NAMES[i >> 7]}${wordOf(i)}`, 3],
    ['what differs of keys that are JSON', (i: number) => JSON.stringify([`${i}`, wordOf(i)]), 3],
    ['steps for sequence numbers', (i: number) => String(SEQUENCE + (BigInt(i) << 36n)), 0.2],
  ] as [string, (i: number) => string, number][])('takes %s', (_, textOf, bytesMax) => {
    expect(bytesEach(textOf)).toBeLessThan(bytesMax);
  });

  it('may be of several forms', () => {
    const texts = [
      '12',
      uuidOf(1),
      'x',
      '',
      isoTime(eventTime(0)),
      'deadbeef',
      `${SEQUENCE}`,
      '[1]',
    ];
    expect(bytesEach((i) => `${texts[i % 8]}`)).toBeLessThan(1);
    expect(bytesEach((i) => (i % 8 === 0 ? String(i) : `${texts[i % 8]}`))).toBeLessThan(1.5);
  });

  it('may hold characters that take two units, cut nowhere between them', () => {
    expect(bytesEach((i) => `👍${String.fromCodePoint(0x1f600 + (i % 80))}${i % 80}`)).toBeLessThan(
      2,
    );
    expect(bytesEach((i) => `${i}\ufeff${'é'.repeat(i % 3)}`)).toBeLessThan(3);
  });

  it('may hold digits that are too many for a number, between others', () => {
    const list = Array.from({ length: 100 }, (_, i) => `n${10n ** 17n + BigInt(i)}/${i}`);
    expect(decodeColumns(encodeColumns(list))).toEqual(list);
  });

  it('may hold one long text', () => {
    const list = ['x'.repeat(100_000), 'é'.repeat(70_000), '1'.repeat(5_000), '['.repeat(5_000)];
    expect(decodeColumns(encodeColumns(list))).toEqual(list);
  });
});

function uuidOf(i: number): string {
  const hex = [1, 2, 3, 4].map((n) =>
    (Math.imul(scattered(i * 4 + n) + i, 0x9e3779b1) >>> 0).toString(16),
  );
  const all = hex.map((part) => part.padStart(8, '0')).join('');
  return all.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function wordOf(i: number): string {
  return String.fromCharCode(97 + (i >> 5), 97 + (i % 26), 97 + (scattered(i) % 26));
}
