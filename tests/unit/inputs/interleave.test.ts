import { describe, expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { interleave } from '../../../inputs/interleave.ts';

async function* input(name: string, ...times: (number | undefined)[]) {
  for (const time of times) {
    const line = `${name}${time ?? ''}`;
    yield { line, partitionKey: name, ...(time === undefined ? {} : { eventTimeMs: time }) };
  }
}

const merged = async (...inputs: ReturnType<typeof input>[]) =>
  (await collect(interleave(inputs))).map(({ line }) => line).join(' ');

describe('several inputs', () => {
  it('are merged by event time', async () => {
    expect(await merged(input('a', 1, 4, 6), input('b', 2, 3, 5))).toBe('a1 b2 b3 a4 b5 a6');
  });

  it('keep their own order, whatever their times', async () => {
    expect(await merged(input('a', 5, 2, 7), input('b', 4, 6))).toBe('b4 a5 a2 b6 a7');
  });

  it('go on with the first where they have come equally far', async () => {
    expect(await merged(input('a', 1, 1), input('b', 1))).toBe('a1 a1 b1');
  });

  it('give lines without a time where they stand', async () => {
    expect(await merged(input('a', 2, undefined), input('b', undefined, 1, 3))).toBe(
      'b b1 a2 a b3',
    );
  });

  it('may be none, one, or empty', async () => {
    expect(await merged()).toBe('');
    expect(await merged(input('a', 2, 1))).toBe('a2 a1');
    expect(await merged(input('a'), input('b', 1))).toBe('b1');
  });

  it('are closed when nobody wants more', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (let n = 0; ; n += 1) yield { line: '', partitionKey: 'x', eventTimeMs: n };
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of interleave([endless(), endless()])) break;
    expect(isClosed).toBe(true);
  });
});
