import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../infra/local/options.ts';

describe('the speed of npm start', () => {
  it.each([
    [[], 60],
    [['--chaos'], 60],
    [['--once'], 'max'],
    [['--once', '--chaos'], 'max'],
    [['--input', 'logins=file'], 'max'],
    [['--input', 'logins=file', '--speed', '10'], 10],
    [['--once', '--speed', '0.5'], 0.5],
    [['--speed', 'max'], 'max'],
  ] as const)('with %j is %s', (options, speed) => {
    expect(parseOptions(options).speed).toBe(speed);
  });

  it.each(['0', '-1', '', 'Infinity', 'NaN', '60x'])('is never "%s"', (text) => {
    expect(() => parseOptions([`--speed=${text}`])).toThrow(
      /^--speed is ".*"; give a number above 0/,
    );
  });
});

describe('chaos', () => {
  it.each([
    [[], undefined],
    [['--chaos'], 1],
    [['--chaos', '7'], 7],
    [['--chaos', '--once'], 1],
    [['--chaos=0'], 0],
  ] as const)('of %j has the seed %s', (options, seed) => {
    expect(parseOptions(options).chaos).toBe(seed);
  });

  it.each([
    ['--data-dir', 'folder'],
    ['--kinesis', 'http://127.0.0.1:4567'],
  ])('breaks nothing that outlives it, as with %s', (option, value) => {
    expect(() => parseOptions(['--chaos', option, value])).toThrow(
      `--chaos breaks a stack of its own; leave ${option} away`,
    );
  });
});
