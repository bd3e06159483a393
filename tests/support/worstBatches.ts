/** Batches of 6 MB, as much as Lambda hands over at once, of the worst that Kinesis takes. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { INFLATED_MAX, RECORD_TEXT_MAX } from '../../shared/records/forms.ts';
import { CLOCK_START } from './clock.ts';

/** Data and partition key of a record have 1 MB together. */
const RECORD_BYTES = 1024 * 1024;
const RECORDS = 6;
/** The longest key, of what JSON escapes to the most. */
const LONGEST_KEY = '\u0001'.repeat(256);
const DATA_BYTES = RECORD_BYTES - LONGEST_KEY.length;

interface WorstRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Signs that no JSON begins with, so that each line is one more dead letter. */
const NO_JSON = 'abcdeghijklmopqrsuvwxyz!#$%&*+<=>?@';

/** Bytes in no order that a compressor could use; the same in each run. */
function* disorder(): Generator<number> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 24;
  }
}

/** Lines of one sign each. */
function shortLines(): Buffer {
  const data = Buffer.alloc(DATA_BYTES, '\n');
  const random = disorder();
  for (let at = 0; at < DATA_BYTES; at += 2) {
    data.write(NO_JSON[random.next().value % NO_JSON.length] as string, at);
  }
  return data;
}

const BINARY_LINE = 64;

function binaryLines(): Buffer {
  const random = disorder();
  const data = Buffer.alloc(DATA_BYTES);
  for (let at = 0; at < DATA_BYTES; at += 1) {
    const byte = random.next().value;
    data[at] = byte === 0x0a ? 0x0b : byte;
  }
  for (let at = 0; at < DATA_BYTES; at += BINARY_LINE) {
    data[at] = 0xff;
    data[at + BINARY_LINE - 1] = 0x0a;
  }
  return data;
}

/** An aggregate of events without anything in them, two bytes each. */
function emptyAggregate(): Buffer {
  const message = Buffer.alloc(DATA_BYTES - 20);
  for (let at = 0; at + 1 < message.length; at += 2) message[at] = 0x1a;
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.of(0xf3, 0x89, 0x9a, 0xc2), message, digest]);
}

const nested = (bytes: number): string => `${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}`;

/** Gzip that is filled up until its content is within what it may inflate to. */
const inflating = (content: string): Buffer =>
  Buffer.concat([gzipSync(content), Buffer.alloc(INFLATED_MAX / 100)]);

/** By name: the data of a record, and how many entries it holds. */
const FORMS = {
  'lines of two bytes': [shortLines, DATA_BYTES / 2],
  'lines that begin like JSON': [() => '{\n'.repeat(DATA_BYTES / 2), DATA_BYTES / 2],
  'lines of JSON that are no events': [() => '7\n'.repeat(DATA_BYTES / 2), DATA_BYTES / 2],
  'lines that are not UTF-8': [binaryLines, DATA_BYTES / BINARY_LINE],
  'empty events of the KPL': [emptyAggregate, (DATA_BYTES - 20) / 2],
  'deepest nesting': [() => nested(DATA_BYTES), 1],
  'gzip of deepest nesting': [() => inflating(nested(RECORD_TEXT_MAX)), 1],
  'gzip of an event and blanks': [
    () => inflating(`{"n":"${'x'.repeat(20)}"}\n`.padEnd(INFLATED_MAX)),
    1,
  ],
  'gzip of objects without a line end': [() => inflating('{"n":{}}'.repeat(100_000)), 100_000],
  'lines of nesting': [() => `${nested(60)}\n`.repeat(17_000), 17_000],
} as const satisfies Record<string, readonly [data: () => string | Buffer, entries: number]>;

export type WorstForm = keyof typeof FORMS;

export interface WorstBatch {
  readonly records: readonly WorstRecord[];
  readonly entries: number;
}

/** Of one form throughout. */
export function batchOf(form: WorstForm): WorstBatch {
  const [data, entries] = FORMS[form];
  const record = { partitionKey: LONGEST_KEY, data: Buffer.from(data() as string) };
  return { records: Array.from({ length: RECORDS }, () => record), entries: RECORDS * entries };
}

/** A record of each of these forms, and an event of 1 MB that is on time, one that is late, and one that is none. */
export function mixedBatch(event: object): WorstBatch {
  const forms: readonly WorstForm[] = [
    'lines of two bytes',
    'empty events of the KPL',
    'deepest nesting',
  ];
  const records = forms.map((form) => batchOf(form).records[0] as WorstRecord);
  const long = 'x'.repeat(DATA_BYTES - 400);
  const events = [
    { ...event, timestamp: CLOCK_START, long },
    { ...event, timestamp: CLOCK_START - 86_400_000, long },
    { ...event, timestamp: long },
  ];
  for (const each of events) {
    records.push({ partitionKey: LONGEST_KEY, data: Buffer.from(JSON.stringify(each)) });
  }
  return {
    records,
    entries: forms.reduce((sum, form) => sum + FORMS[form][1], 0) + events.length,
  };
}
