/** Parameters and durations: what is refused, and that the message names the place, the value and the remedy. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { duration, oneOf, wholeNumber } from '../../../shared/index.ts';
import { parseDuration, parseParameters } from '../../../shared/job/parameters.ts';

const SET = {
  top: wholeNumber(5, { min: 1, max: 100 }, 'how many'),
  size: duration('1h', 'how long', { min: '2s' }),
  distinct: oneOf(['exact', 'hyperloglog'], 'how viewers are counted'),
};

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['5s', 5_000],
    ['15min', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['007s', 7_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text, 'size')).toBe(ms);
  });

  it.each([
    '',
    '5',
    's',
    '-5s',
    '1.5h',
    '5 s',
    '5S',
    '5m',
    '1h30min',
    '٣s',
    '5s\n',
    '1e3ms',
    '1234567890123s',
  ])('refuses "%s"', (text) => {
    const parse = () => parseDuration(text, 'slide');
    expect(parse).toThrow(JobDefinitionError);
    expect(parse).toThrow(
      `slide is "${text}"; write a duration such as 500ms, 5s, 15min, 1h or 1d`,
    );
  });
});

describe('parameters', () => {
  it('have their defaults where nothing is given', () => {
    expect(parseParameters(SET, {})).toEqual({ top: 5, size: 3_600_000, distinct: 'exact' });
  });

  it('take what is given', () => {
    expect(parseParameters(SET, { top: '100', distinct: 'hyperloglog', size: '10min' })).toEqual({
      top: 100,
      size: 600_000,
      distinct: 'hyperloglog',
    });
  });

  it.each([
    [{ top: '0' }, 'top is "0"; give a whole number from 1 to 100'],
    [{ top: '101' }, 'top is "101"; give a whole number from 1 to 100'],
    [{ top: '' }, 'top is ""; give a whole number from 1 to 100'],
    [{ top: '5.0' }, 'top is "5.0"; give a whole number from 1 to 100'],
    [{ top: '-1' }, 'top is "-1"; give a whole number from 1 to 100'],
    [{ top: '0x10' }, 'top is "0x10"; give a whole number from 1 to 100'],
    [{ distinct: 'Exact' }, 'distinct is "Exact"; give one of exact, hyperloglog'],
    [{ size: '60' }, 'size is "60"; write a duration'],
    [{ size: '0s' }, 'size is "0s"; give a duration of at least 2s'],
    [{ size: '1999ms' }, 'size is "1999ms"; give a duration of at least 2s'],
    [{ size: '999999999999d' }, 'size is "999999999999d"; write a duration'],
    [{ limit: '5' }, 'there is no parameter "limit"; there are top, size, distinct'],
    [{ constructor: '5' }, 'there is no parameter "constructor"; there are top, size, distinct'],
  ] as [Record<string, string>, string][])('refuses %o', (texts, message) => {
    const parse = () => parseParameters(SET, texts);
    expect(parse).toThrow(JobDefinitionError);
    expect(parse).toThrow(message);
  });
});
