import { describe, expect, it } from 'vitest';
import { en } from '../../../web/words/en.ts';
import { formatsOf } from '../../../web/words/formats.ts';
import { zh } from '../../../web/words/zh.ts';

type Leaf = readonly [path: string, word: unknown];

function leavesOf(words: object, path = ''): Leaf[] {
  return Object.entries(words).flatMap(([key, word]): Leaf[] =>
    typeof word === 'object' ? leavesOf(word, `${path}${key}.`) : [[`${path}${key}`, word]],
  );
}

/** What a word says, with something in each of its gaps. */
const said = (word: unknown): string =>
  typeof word === 'function' ? word('ONE', 2, 'TWO') : String(word);

describe('the words', () => {
  it('are the same in both languages', () => {
    expect(leavesOf(zh).map(([path]) => path)).toEqual(leavesOf(en).map(([path]) => path));
  });

  it('all say something', () => {
    const silent = [...leavesOf(en), ...leavesOf(zh)].filter(
      ([, word]) => said(word).trim() === '',
    );
    expect(silent).toEqual([]);
  });

  it('in Chinese are Chinese', () => {
    const isForeign = ([path, word]: Leaf) =>
      !/[\u4e00-\u9fff]/.test(said(word)) && path !== 'locale';
    expect(
      leavesOf(zh)
        .filter(isForeign)
        .map(([path]) => path),
    ).toEqual(['header.language', 'tiles.atLeast']);
  });

  it('in English count as one does', () => {
    expect(en.logins.failures('1', 1)).toBe('1 failure');
    expect(en.logins.failures('3', 3)).toBe('3 failures');
    expect(en.jobs.attention('1', 1)).toBe('One job needs attention.');
    expect(en.jobs.attention('2', 2)).toBe('2 jobs need attention.');
  });
});

describe('figures and times', () => {
  const inShop = formatsOf('en-GB', 'Asia/Shanghai');
  const inBerlin = formatsOf('en-GB', 'Europe/Berlin');
  const NOON = '2017-11-26T12:00:00.000Z';

  it('are in the zone that was chosen', () => {
    expect(inShop.time(NOON)).toBe('20:00');
    expect(inBerlin.time(NOON)).toBe('13:00');
    expect(inShop.zone).toBe('GMT+8');
  });

  it('show seconds only where there are any', () => {
    expect(inBerlin.time('2017-11-26T12:00:05.000Z')).toBe('13:00:05');
  });

  it('name the day where it is another one than that of now', () => {
    expect(inBerlin.time('2017-11-25T12:00:00.000Z', NOON)).toBe('25 Nov, 13:00');
    expect(inBerlin.time(NOON, NOON)).toBe('13:00');
    // The same moment, which is another day in Shanghai.
    expect(inShop.time('2017-11-25T17:00:00.000Z', NOON)).toBe('01:00');
  });

  it('never show midnight as 24', () => {
    expect(inBerlin.time('2017-11-26T23:00:00.000Z')).toBe('00:00');
  });

  it('show what is no time as it is, without what would move the cursor', () => {
    expect(inBerlin.time('soon\u001b[2J')).toBe('soon\\u001b[2J');
  });

  it.each([
    [0, '0s'],
    [999, '0s'],
    [1_000, '1s'],
    [192_000, '3m 12s'],
    [3_600_000, '1h'],
    [36_300_000, '10h'],
    [-90_000, '1m 30s'],
    [200 * 86_400_000, '200d'],
  ])('of %d ms are %s', (ms, text) => {
    expect(inBerlin.duration(ms)).toBe(text);
  });

  it('of a change have a sign, and are so many times where they are large', () => {
    expect([0.042, -0.099, 0, 99].map(inBerlin.change)).toEqual(['+4.2%', '-9.9%', '0%', '×100']);
  });

  it('are written as in China in Chinese', () => {
    const formats = formatsOf('zh-CN', 'Asia/Shanghai');
    expect(formats.short(15_000)).toBe('1.5万');
    expect(formats.duration(192_000)).toContain('分钟');
  });
});
