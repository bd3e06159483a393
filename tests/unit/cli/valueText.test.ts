/** Values as people read them. */
import { describe, expect, it } from 'vitest';
import { valueText } from '../../../cli/output/valueText.ts';

describe('a value', () => {
  it.each([
    ['a ranking by counts', [{ rank: 1, id: '7', count: 1_200 }], '7 ×1200'],
    ['a ranking by something else', [{ rank: 1, id: '7', score: 61 }], '7 score 61'],
    ['a share', 0.0003, '0.0003'],
    ['a large number', 17_627, '17,627'],
    ['a map', { pv: 3, buy: 0 }, 'pv 3, buy 0'],
    ['a list of texts', ['buyer', 'evening'], 'buyer, evening'],
    ['a list of maps', [{ a: 1 }, { a: 2 }], 'a 1; a 2'],
    ['nothing', null, ''],
  ])('that is %s', (_, value, text) => {
    expect(valueText(value)).toBe(text);
  });
});
