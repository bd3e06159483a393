/** A source's own `decode`: what it is asked, what becomes of what it gives, and how that comes back. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Decode, epochMilliseconds, id, source } from '../../../shared/index.ts';
import { encodeRedriven, type RedriveOrigin } from '../../../shared/records/envelopes.ts';
import { ANY_FORM, type Reading } from '../../../shared/records/forms.ts';
import { jsonOf, problemOf } from '../../support/entries.ts';
import { aggregate } from './aggregate.ts';
import { contentOf, decode } from './decoding.ts';

/** `#7,8`: numbers behind a sign; `#` alone holds no event. */
const numbers: Decode = (data) => {
  const text = Buffer.from(data).toString();
  if (!text.startsWith('#')) return undefined;
  return text === '#'
    ? []
    : text
        .slice(1)
        .split(',')
        .map((n) => ({ n: Number.parseInt(n, 10) }));
};
const reading: Reading = { ...ANY_FORM, decode: numbers };
const origin: RedriveOrigin = { job: 'j@1', lane: 's/0', position: '1/0', slot: 1 };
const valuesOf = (data: Uint8Array | string) => decode(data, reading).map(jsonOf);

describe('the decode of a source', () => {
  it('reads an event, which is kept as it came', () => {
    expect(decode('#7', reading)).toMatchObject([
      { index: 0, value: { n: 7 }, raw: Buffer.from('#7') },
    ]);
  });

  it('reads several events, of which each is kept alone', () => {
    expect(decode('#7,8', reading)).toMatchObject([
      { index: 0, value: { n: 7 }, raw: '{"tidemark:decoded":{"n":7}}' },
      { index: 1, value: { n: 8 }, raw: '{"tidemark:decoded":{"n":8}}' },
    ]);
  });

  it.each(['#7', '#7,8', '#', '{"n":1}\n{"n":2}', '\u001f'])(
    'reads %j again as it came',
    (text) => {
      const entries = decode(text, reading);
      const again = decode(encodeRedriven(origin, Buffer.from(text)), reading);
      expect(again.map(contentOf)).toEqual(entries.map(contentOf));
      for (const entry of entries) {
        const back = decode(encodeRedriven(origin, Buffer.from(entry.raw as string)), reading);
        expect(back.map(jsonOf)).toEqual([jsonOf(entry)]);
        expect(back.map(({ raw }) => Buffer.from(raw as string))).toEqual([
          Buffer.from(entry.raw as string),
        ]);
      }
    },
  );

  it('is asked for each event of an aggregate', () => {
    const inner = ['#1', '{"n":2}', '#3,4'].map((text) => ({
      partitionKey: 'k',
      data: Buffer.from(text),
    }));
    expect(valuesOf(aggregate(inner))).toEqual([1, 2, 3, 4].map((n) => ({ n })));
  });

  it('leaves what it does not know to the forms of every stream', () => {
    expect(valuesOf('{"n":1}{"n":2}')).toEqual([{ n: 1 }, { n: 2 }]);
    expect(valuesOf(gzipSync('{"n":1}'))).toEqual([{ n: 1 }]);
  });

  it('is asked about a line that a reader of files has parsed, as about its bytes', () => {
    const asked: string[] = [];
    const spy: Decode = (data) => void asked.push(Buffer.from(data).toString());
    decode('{"n":1}', { ...reading, decode: spy });
    decode('{"tidemark:redrive":{}}', { ...reading, decode: spy });
    expect(asked).toEqual(['{"n":1}']);
  });

  it('says that data hold no event', () => {
    expect(decode('#', reading)).toMatchObject([{ isControl: true, index: 0 }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('too short');
      },
      "the source's decode threw: too short",
    ],
    [
      'throws what is no error',
      () => {
        throw 'x'.repeat(600);
      },
      `the source's decode threw: ${'x'.repeat(500)}`,
    ],
    ['gives what JSON cannot hold', () => [1, 2n], /^the source's decode threw: .*BigInt/],
    ['gives nothing among others', () => [1, undefined], /JSON cannot hold/],
  ] as [string, Decode, string | RegExp][])(
    'makes one dead letter where it %s',
    (_, broken, problem) => {
      const entries = decode('#7', { ...reading, decode: broken });
      expect(entries.map(problemOf)).toEqual([expect.stringMatching(problem)]);
      expect(entries[0]?.raw).toEqual(Buffer.from('#7'));
    },
  );
});

describe('a source', () => {
  const options = {
    stream: 'clicks',
    schema: z.object({ page: id(), time: epochMilliseconds() }),
    eventTime: 'time',
    partitionKey: 'page',
  } as const;

  it('takes all forms, and reads none of its own, where it does not say', () => {
    expect(source(options).reading).toEqual(ANY_FORM);
  });

  it('says which forms it takes, and what it reads itself', () => {
    const { reading: declared } = source({ ...options, forms: ['gzip'], decode: numbers });
    expect(declared).toEqual({ forms: new Set(['gzip']), decode: numbers });
  });
});
