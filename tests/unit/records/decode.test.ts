import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../shared/records/entry.ts';
import {
  encodeRedriven,
  encodeUnreadable,
  type RedriveOrigin,
} from '../../../shared/records/envelopes.ts';
import { jsonOf, problemOf } from '../../support/entries.ts';
import { aggregate, withDigest } from './aggregate.ts';
import { contentOf, decode } from './decoding.ts';
import { delimited, number, varint } from './protobuf.ts';

const valuesOf = (entries: readonly Entry[]) => entries.map(jsonOf);
const problemsOf = (entries: readonly Entry[]) => entries.map(problemOf);
const indexesOf = (entries: readonly Entry[]) => entries.map(({ index }) => index);

describe('a record of JSON', () => {
  it('may hold one event', () => {
    const [entry, ...others] = decode('{"n":1}');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ value: { n: 1 }, raw: '{"n":1}', index: 0 });
    expect(problemOf(entry)).toBeUndefined();
  });

  it.each([
    ['a final newline', '{"n":1}\n{"n":2}\n'],
    ['carriage returns', '{"n":1}\r\n{"n":2}\r\n'],
    ['blank lines', '\n{"n":1}\n \t\n\n{"n":2}'],
  ])('may hold several, one a line, with %s', (_, text) => {
    const entries = decode(text);
    expect(valuesOf(entries)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(indexesOf(entries)).toEqual([0, 1]);
  });

  it('loses only the lines that are no JSON', () => {
    const entries = decode('{"n":1}\n{"n":\n{"n":3}');
    expect(problemsOf(entries)).toEqual([
      undefined,
      expect.stringMatching(/^is not JSON: /),
      undefined,
    ]);
    expect(entries[1]?.raw).toBe('{"n":');
    expect(indexesOf(entries)).toEqual([0, 1, 2]);
  });

  it('loses only the lines that are not UTF-8, and keeps their bytes', () => {
    const bad = Buffer.of(0x7b, 0xff, 0x7d);
    const entries = decode(
      Buffer.concat([Buffer.from('{"n":1}\n\n'), bad, Buffer.from('\n{"n":3}')]),
    );
    expect(problemsOf(entries)).toEqual([undefined, 'the bytes are not UTF-8 text', undefined]);
    expect(entries[1]?.raw).toEqual(bad);
    expect(indexesOf(entries)).toEqual([0, 1, 2]);
  });

  it.each([
    ['is empty', '', 'the record is empty'],
    ['holds only white space', ' \n\n', 'the record holds only white space'],
  ])('is one dead letter where it %s', (_, text, problem) => {
    expect(problemsOf(decode(text))).toEqual([problem]);
  });

  it('takes values that are no objects for what they are: the source judges them', () => {
    expect(valuesOf(decode('1\nnull\n"text"\n[2]'))).toEqual([1, null, 'text', [2]]);
  });

  const lines = [
    '{"a":1}x',
    '{',
    '"',
    '"a',
    '[1',
    '-',
    'nul',
    'x',
    'tru',
    '\u00a0{}',
    '{"a":1}]',
    '"a"b"',
    '1x',
  ];
  it.each(lines)('takes %j for no JSON, with a reason that does not quote it', (line) => {
    const [entry] = decode(line);
    expect(problemOf(entry)).toMatch(/^is not JSON: [a-z0-9 ]+$/);
    expect(entry?.raw).toBe(line);
  });

  it.each(['7', '-1', ' {"a":1} ', '\t[1]\r', '"a"', 'true', 'false', 'null', '1e5', '{}\t'])(
    'takes %j for JSON',
    (line) => expect(problemOf(decode(line)[0])).toBeUndefined(),
  );

  it('survives JSON that is nested a hundred thousand deep', () => {
    const depth = 100_000;
    expect(decode(`${'['.repeat(depth)}${']'.repeat(depth)}`).length).toBe(1);
  });
});

describe('an aggregated record of the Kinesis Producer Library', () => {
  it('is unpacked in order, each event with its own partition key', () => {
    const data = aggregate([
      { partitionKey: 'a', data: Buffer.from('{"n":1}') },
      { partitionKey: 'b', data: Buffer.from('{"n":2}\n{"n":3}') },
      { partitionKey: 'a', data: Buffer.from('{"n":4}') },
    ]);
    const entries = decode(data);
    expect(valuesOf(entries)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(entries.map(({ partitionKey }) => partitionKey)).toEqual(['a', 'b', 'b', 'a']);
    expect(indexesOf(entries)).toEqual([0, 1, 2, 3]);
  });

  it('keeps its good events where one is bad or empty', () => {
    const data = aggregate([
      { partitionKey: 'a', data: Buffer.from('nonsense') },
      { partitionKey: 'a', data: Buffer.alloc(0) },
      { partitionKey: 'a', data: Buffer.from('{"n":3}') },
    ]);
    const entries = decode(data);
    expect(problemsOf(entries).map((problem) => problem !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    expect(indexesOf(entries)).toEqual([0, 1, 2]);
  });

  it('falls back on the record’s partition key where Kinesis would not take an event’s', () => {
    const records = ['', 'x'.repeat(257), 'x'.repeat(256)].map((partitionKey) => ({
      partitionKey,
      data: Buffer.from('{}'),
    }));
    const keys = decode(aggregate(records)).map(({ partitionKey }) => partitionKey);
    expect(keys).toEqual(['record key', 'record key', 'x'.repeat(256)]);
  });

  it('falls back on the record’s partition key where an event’s is missing', () => {
    const inner = Buffer.concat([number(1, 7), delimited(3, Buffer.from('{}'))]);
    expect(decode(withDigest(delimited(3, inner)))[0]?.partitionKey).toBe('record key');
  });

  const good = aggregate([{ partitionKey: 'a', data: Buffer.from('{"n":1}') }]);
  const flipped = Buffer.from(good);
  flipped[10] = (flipped[10] ?? 0) ^ 1;
  // 200 continuation bytes of zero bits: 0 times infinity is no number.
  const endless = Buffer.concat([Buffer.alloc(200, 0x80), Buffer.of(0)]);

  it.each([
    ['is cut short', good.subarray(0, 12), 'cut short'],
    ['fails its MD5', flipped, 'MD5'],
    ['holds no events', withDigest(Buffer.alloc(0)), 'no events'],
    ['ends inside a field', withDigest(Buffer.of(0x1a, 0x05, 0x00)), 'protobuf'],
    ['has an unknown wire type', withDigest(Buffer.of(0x1c)), 'protobuf'],
    ['has an endless length', withDigest(Buffer.concat([varint(26), endless])), 'protobuf'],
    ['has an endless tag', withDigest(endless), 'protobuf'],
  ])('is one dead letter where it %s', (_, data, problem) => {
    const entries = decode(data);
    expect(entries.length).toBe(1);
    expect(problemOf(entries[0])).toContain(problem);
    expect(entries[0]?.raw).toEqual(data);
  });
});

describe('a redriven event', () => {
  const origin: RedriveOrigin = {
    job: 'hot-items@1',
    lane: 'user-behavior/shardId-000000000000',
    position: '49590338271490256608559692538361571095921575989136588898/3',
    slot: 17,
  };
  const text = (data: Uint8Array): string => Buffer.from(data).toString();

  it('carries the job it is for, where it first stood and which commit holds it', () => {
    const payload = Buffer.from('{"n":1}');
    const envelope = encodeRedriven(origin, payload);
    const redriven = { origin, first: 0, payload, envelope: text(envelope) };
    expect(decode(envelope)).toMatchObject([{ value: { n: 1 }, raw: '{"n":1}', redriven }]);
  });

  it('stands among other events in a packed record, also where it gives several', () => {
    const lines = Buffer.from('{"n":2}\n\n{"n":3}');
    const entries = decode(`{"n":1}\n${text(encodeRedriven(origin, lines))}\n{"n":4}`);
    expect(valuesOf(entries)).toEqual([1, 2, 3, 4].map((n) => ({ n })));
    expect(indexesOf(entries)).toEqual([0, 1, 2, 3]);
    const [, second, third, fourth] = entries.map(({ redriven }) => redriven);
    expect(second).toMatchObject({ origin, first: 1 });
    expect(third).toBe(second);
    expect(fourth).toBeUndefined();
  });

  const good = aggregate([
    { partitionKey: 'a', data: Buffer.from('{"n":1}\n{"n":2}') },
    { partitionKey: 'b', explicitHashKey: 5n, data: Buffer.from('no') },
  ]);
  const forms: readonly (readonly [string, Uint8Array])[] = [
    ['an event', Buffer.from('{"n":1}')],
    ['an event that begins with a byte order mark', Buffer.from('\ufeff{"n":1}')],
    ['several lines', Buffer.from('{"n":1}\n\n \n{"n":\n{"n":3}\n')],
    ['white space', Buffer.from(' \n ')],
    ['nothing', Buffer.of()],
    ['bytes that are no text', Buffer.of(0x7b, 0xff, 0x0a, 0x31)],
    ['an aggregate', good],
    ['an aggregate that is cut short', good.subarray(0, -1)],
    ['what a reader of a file could not read', Buffer.from(encodeUnreadable('a,b', 'no number'))],
  ];
  it.each(forms)('is read as it was the first time: %s', (_, data) => {
    expect(decode(encodeRedriven(origin, data)).map(contentOf)).toEqual(
      decode(data).map(contentOf),
    );
  });

  it('is read as it was the first time, whatever it is', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'grapheme' }).map((line) => Buffer.from(line)),
      fc.array(fc.json(), { maxLength: 4 }).map((lines) => Buffer.from(lines.join('\n'))),
    );
    const property = fc.property(bytes, (data) => {
      expect(decode(encodeRedriven(origin, data)).map(contentOf)).toEqual(
        decode(data).map(contentOf),
      );
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('may come in an aggregate, and then belongs where it stands', () => {
    const data = encodeRedriven(origin, Buffer.from('{"n":1}'));
    const [entry, ...others] = decode(aggregate([{ partitionKey: 'a', data }]));
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ value: { n: 1 }, redriven: { origin, first: 0 } });
    expect(entry?.hashKey).toBeUndefined();
  });

  it.each([
    ['alone', (inner: Uint8Array) => inner],
    ['in an aggregate', (inner: Uint8Array) => aggregate([{ partitionKey: 'a', data: inner }])],
  ])('is dead within another one, %s', (_, wrap) => {
    const inner = encodeRedriven(origin, Buffer.from('{"n":1}'));
    const [entry, ...others] = decode(encodeRedriven({ ...origin, slot: 18 }, wrap(inner)));
    expect(others).toEqual([]);
    expect(problemOf(entry)).toContain('within another one');
    expect(entry?.raw).toBe(text(inner));
    expect(entry?.redriven?.origin.slot).toBe(18);
  });

  it('of an earlier version names no commit', () => {
    const { slot: _slot, ...old } = origin;
    const envelope = { 'tidemark:redrive': { ...old, watermark: null }, data: 'e30=' };
    expect(decode(JSON.stringify(envelope))[0]?.redriven?.origin).toEqual({
      ...old,
      slot: undefined,
    });
  });

  it.each([
    ['has no origin', { 'tidemark:redrive': null, data: '' }],
    ['has no data', { 'tidemark:redrive': origin }],
    ['has data that is not base64', { 'tidemark:redrive': origin, data: '{}' }],
    ['names no lane', { 'tidemark:redrive': { ...origin, lane: '' }, data: 'e30=' }],
    [
      'names a lane that no key can hold',
      { 'tidemark:redrive': { ...origin, lane: `s/${'x'.repeat(2_000)}` }, data: 'e30=' },
    ],
    [
      'names a lane with half a surrogate pair',
      { 'tidemark:redrive': { ...origin, lane: 's/\ud800' }, data: 'e30=' },
    ],
    ['names no position', { 'tidemark:redrive': { ...origin, position: 'x' }, data: 'e30=' }],
    ['names no job', { 'tidemark:redrive': { ...origin, job: 'x'.repeat(999) }, data: 'e30=' }],
    ['names half a commit', { 'tidemark:redrive': { ...origin, slot: 0.5 }, data: 'e30=' }],
    ['names a commit below 0', { 'tidemark:redrive': { ...origin, slot: -1 }, data: 'e30=' }],
  ])('is a dead letter of its own where the envelope %s', (_, envelope) => {
    const [entry] = decode(JSON.stringify(envelope));
    expect(problemOf(entry)).toContain('damaged redrive envelope');
    expect(entry?.redriven).toBeUndefined();
  });
});
