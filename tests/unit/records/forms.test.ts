/** What AWS's producers send besides JSON lines: what is read, and what a dead letter says of the rest. */
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../shared/records/entry.ts';
import { encodeRedriven, type RedriveOrigin } from '../../../shared/records/envelopes.ts';
import { ANY_FORM, FORMS, type Form, type Reading } from '../../../shared/records/forms.ts';
import { jsonOf, problemOf } from '../../support/entries.ts';
import { logEnvelope } from '../../support/records.ts';
import { aggregate } from './aggregate.ts';
import { contentOf, decode } from './decoding.ts';

const without = (...left: readonly Form[]): Reading => ({
  forms: new Set(FORMS.filter((form) => !left.includes(form))),
});
const valuesOf = (entries: readonly Entry[]) => entries.map(jsonOf);
const problemsOf = (entries: readonly Entry[]) => entries.map(problemOf);
const rawOf = (entries: readonly Entry[]) => entries.map(({ raw }) => raw);
const n = (...numbers: readonly number[]) => numbers.map((each) => ({ n: each }));
const MARK = '\ufeff';

const READ: readonly (readonly [string, string | Uint8Array, readonly unknown[]])[] = [
  ['gzip of an event', gzipSync('{"n":1}'), n(1)],
  ['gzip of lines', gzipSync('{"n":1}\n\n{"n":2}\n'), n(1, 2)],
  ['gzip of several members', Buffer.concat([gzipSync('{"n":1}\n'), gzipSync('{"n":2}')]), n(1, 2)],
  ['gzip filled up with zeros', Buffer.concat([gzipSync('{"n":1}'), Buffer.alloc(9)]), n(1)],
  ['zlib', deflateSync('{"n":1}\n{"n":2}'), n(1, 2)],
  ['zlib of another level', deflateSync('{"n":1}', { level: 1 }), n(1)],
  ['gzip of an array', gzipSync('[{"n":1},{"n":2}]'), n(1, 2)],
  ['gzip of a byte order mark and an event', gzipSync(`${MARK}{"n":1}`), n(1)],
  ['objects without a line end', '{"n":1}{"n":2}{"n":3}', n(1, 2, 3)],
  ['objects with white space in between', '{"n":1} {"n":2}\t{"n":3}\r\n', n(1, 2, 3)],
  ['objects without a line end on several lines', '{"n":1}{"n":2}\n{"n":3}\n', n(1, 2, 3)],
  ['an array', '[{"n":1},{"n":2}]', n(1, 2)],
  ['an array a line', '[{"n":1}]\n[ {"n":2} , {"n":3} ]', n(1, 2, 3)],
  ['an array over several lines', '[\n  {"n":1},\n  {"n":2}\n]\n', n(1, 2)],
  ['an event over several lines', '{\n  "n": 1\n}\n', n(1)],
  ['events over several lines', '{\n  "n": 1\n}\n{\n  "n": 2\n}', n(1, 2)],
  ['a byte order mark', `${MARK}{"n":1}\n{"n":2}`, n(1, 2)],
  ['a byte order mark in front of each line', `${MARK}{"n":1}\n${MARK}{"n":2}`, n(1, 2)],
  ['a byte order mark and an array', `${MARK}[{"n":1}]`, n(1)],
  ['log events, gzipped', gzipSync(logEnvelope(['{"n":1}', '{"n":2}\n'])), n(1, 2)],
  ['log events as they are', logEnvelope(['{"n":1}', '{"n":2}']), n(1, 2)],
  [
    'log events with several lines',
    gzipSync(logEnvelope(['{"n":1}\n{"n":2}', '{"n":3}'])),
    n(1, 2, 3),
  ],
];

describe('a record', () => {
  it.each(READ)('may be %s', (_, data, events) => {
    const entries = decode(data);
    expect(valuesOf(entries)).toEqual(events);
    expect(entries.map(({ index }) => index)).toEqual(events.map((__, i) => i));
    expect(entries.map((entry) => Buffer.from(entry.raw as string).includes('"n"'))).toEqual(
      events.map(() => true),
    );
  });

  it.each(READ)('of an aggregate may be %s', (_, data, events) => {
    const inner = [
      { partitionKey: 'a', data: Buffer.from(data as string) },
      { partitionKey: 'b', data: Buffer.from('{"n":9}') },
    ];
    const entries = decode(aggregate(inner));
    expect(valuesOf(entries)).toEqual([...events, { n: 9 }]);
    expect(new Set(entries.slice(0, -1).map(({ partitionKey }) => partitionKey))).toEqual(
      new Set(['a']),
    );
  });

  const origin: RedriveOrigin = { job: 'j@1', lane: 's/0', position: '1/0', slot: 1 };
  it.each(READ)('that was dead before comes back as %s', (_, data) => {
    const bytes = Buffer.from(data as string);
    const back = decode(encodeRedriven(origin, bytes));
    expect(back.map(contentOf)).toEqual(decode(bytes).map(contentOf));
  });

  it('loses one of its events where that is bad, and keeps it as it came', () => {
    const cases: readonly (readonly [string | Uint8Array, readonly unknown[]])[] = [
      ['{"n":1}{"n":oops}{"n":3}', ['{"n":1}', '{"n":oops}', '{"n":3}']],
      ['{"n":oops}{"n":2}', ['{"n":oops}', '{"n":2}']],
      ['{"n":1}{"n":2}{"n":', ['{"n":1}', '{"n":2}', '{"n":']],
      ['{"n":1}{"n":2}oops{"n":3}', ['{"n":1}', '{"n":2}', 'oops{"n":3}']],
      ['[{"n":1}, 42 ,["x",{}],{"n":"}],"}]', ['{"n":1}', '42', '["x",{}]', '{"n":"}],"}']],
      [gzipSync('{"n":1}\noops\n{"n":3}'), ['{"n":1}', 'oops', '{"n":3}']],
      [gzipSync(logEnvelope(['{"n":1}', 'START', '{"n":3}'])), ['{"n":1}', 'START', '{"n":3}']],
      [
        gzipSync(logEnvelope(['{"n":1}', '', 3])),
        ['{"n":1}', '', '{"id":"2","timestamp":1,"message":3}'],
      ],
    ];
    for (const [data, raw] of cases) expect(rawOf(decode(data))).toEqual(raw);
  });

  it('takes quotes, brackets and escapes in text for text', () => {
    const values = ['}{', '][', '\\', '"', '\\"}{', ',', '\u2028{'].map((text) => ({
      text,
      n: [[]],
    }));
    expect(valuesOf(decode(values.map((each) => JSON.stringify(each)).join('')))).toEqual(values);
    expect(valuesOf(decode(JSON.stringify(values)))).toEqual(values);
    expect(rawOf(decode(JSON.stringify(values)))).toEqual(
      values.map((each) => JSON.stringify(each)),
    );
  });

  it.each(['[]', '[1,2]', '[[{"n":1}]]', '["a"]'])(
    'is not taken apart where it is %s: no item is an object',
    (text) => expect(rawOf(decode(text))).toEqual([text]),
  );

  it.each(['{"a":1}x', '{"a":{}{}}', '{"a" {"b":1}', '{a}{b}', '{"a":1}{', '{{"a":1}{"b":2}'])(
    'is one dead letter or none but lines where it is %s',
    (text) => expect(decode(text).length).toBe(text === '{"a":1}{' ? 2 : 1),
  );

  it('reads lines as lines where they are no document', () => {
    const text = '{"n":\n{"n":2}\n[1,\n{"n":4}';
    expect(rawOf(decode(text))).toEqual(text.split('\n'));
  });

  it('that is a control message of CloudWatch Logs holds no event', () => {
    const [entry, ...others] = decode(
      gzipSync(logEnvelope(['CWL CONTROL MESSAGE'], 'CONTROL_MESSAGE')),
    );
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ isControl: true, index: 0 });
    expect(problemOf(entry)).toBeUndefined();
  });
});

const text = (length: number) => 'x'.repeat(length);
const DEAD: [problem: string, data: Uint8Array, reading?: Reading][] = [
  ['is gzip of text that is no JSON', gzipSync('a,b\n1,2\n')],
  ['is gzip of text that is no JSON', gzipSync('')],
  ['is gzip of gzip', gzipSync(gzipSync('{"n":1}'))],
  ['is gzip of XML', gzipSync('<a/>')],
  [
    'is gzip of an aggregated record',
    gzipSync(aggregate([{ partitionKey: 'k', data: Buffer.of() }])),
  ],
  ['is gzip of bytes that are no text', gzipSync(Buffer.of(0xff, 1, 2))],
  ['is gzip that is cut short', gzipSync('{"n":1}').subarray(0, -2)],
  ['is gzip that is damaged', Buffer.from(gzipSync(text(99)).fill(7, 12, 15))],
  [
    'is gzip with other bytes behind its end',
    Buffer.concat([gzipSync('{"n":1}'), Buffer.of(0, 1)]),
  ],
  ['is zlib that is cut short', deflateSync('{"n":1}', { level: 9 }).subarray(0, -2)],
  ['is gzip of a CloudWatch Logs envelope that holds no events', gzipSync(logEnvelope([]))],
  [
    'is gzip of a CloudWatch Logs envelope',
    gzipSync(logEnvelope(['{}', '{}'])),
    without('cloudWatchLogs'),
  ],
  [
    'is gzip of a CloudWatch Logs envelope',
    gzipSync(`${logEnvelope(['{}'])}\n`),
    without('cloudWatchLogs'),
  ],
  ['is gzip of a CloudWatch Logs envelope', gzipSync(logEnvelope(['{}'])), without('gzip')],
  ['is a CloudWatch Logs envelope', Buffer.from(logEnvelope(['{}'])), without('cloudWatchLogs')],
  ['is gzip of JSON', gzipSync('{"n":1}\n{"n":2}'), without('gzip')],
  ['is zlib of JSON', deflateSync('{"n":1}\n{"n":2}'), without('zlib')],
  ['is several JSON objects without a line end', Buffer.from('{}{}'), without('concatenated')],
  ['the bytes are not UTF-8 text: they look like zstd', zstdCompressSync('{"n":1}')],
  [
    'the bytes are not UTF-8 text: they look like UTF-16 text',
    Buffer.from(`${MARK}{"n":1}`, 'utf16le'),
  ],
  ['the bytes are not UTF-8 text: they look like Avro', Buffer.of(0xc3, 1, 1, 0x0a, 2)],
  ['is not JSON: it looks like base64 of JSON or gzip, put as it is', Buffer.from(btoa('{"n":1}'))],
  [
    'is not JSON: it looks like base64 of JSON or gzip, put as it is',
    Buffer.from(gzipSync('{}').toString('base64')),
  ],
];

describe('a payload that is no events', () => {
  const dead = DEAD.map(([problem, data, reading = ANY_FORM]) => ({ problem, data, reading }));
  it.each(dead)('is one dead letter as it came: $problem', ({ problem, data, reading }) => {
    const entries = decode(data, reading);
    expect(problemsOf(entries)).toEqual([problem]);
    expect(Buffer.from(entries[0]?.raw as string)).toEqual(Buffer.from(data));
  });

  it('does not hide lines behind bytes that only look like one', () => {
    const lines = [Buffer.of(0xff, 0xfe, 0x7b), Buffer.from('{"n":1}')];
    const data = Buffer.concat([lines[0] as Buffer, Buffer.from('\n'), lines[1] as Buffer]);
    expect(valuesOf(decode(data))).toEqual([undefined, { n: 1 }]);
    expect(valuesOf(decode('x^2\n{"n":1}'))).toEqual([undefined, { n: 1 }]);
    expect(problemsOf(decode(deflateRawSync('{"n":1}'))).length).toBeGreaterThan(0);
  });

  it('leaves an array whole where its stream has none', () => {
    expect(valuesOf(decode('[{"n":1},{"n":2}]', without('array')))).toEqual([n(1, 2)]);
  });
});
