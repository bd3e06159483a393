/** The same records in each form that is read, for what a form costs. */
import { deflateSync, gzipSync } from 'node:zlib';
import type { Job } from '../shared/job/job.ts';
import { WHOLE_RANGE } from '../shared/model/hashRange.ts';
import { ANY_FORM, type Decode, type Reading } from '../shared/records/forms.ts';
import { encodeStamp } from '../shared/records/stamp.ts';

export interface RecordForm {
  readonly what: string;
  write(lines: readonly string[]): Uint8Array;
  readonly reading?: Reading;
}

const joinedBy =
  (separator: string) =>
  (lines: readonly string[]): Buffer =>
    Buffer.from(lines.join(separator));

/** As one producer writes them, of one shard. */
function stampedLines(): RecordForm['write'] {
  const plan = { producer: 'orders-outbox', planned: WHOLE_RANGE };
  let last = 0;
  return (lines) => {
    const after = last === 0 ? undefined : last;
    const offsets = lines.map((_, i) => last + i + 1);
    last += lines.length;
    return Buffer.concat([encodeStamp(plan, after, offsets), Buffer.from(lines.join('\n'))]);
  };
}

const logEnvelope = (messages: readonly string[]): string =>
  JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner: '123456789012',
    logGroup: '/shop/behavior',
    logStream: 'i-0abc',
    subscriptionFilters: ['to-kinesis'],
    // Ids have 56 digits.
    logEvents: messages.map((message, i) => ({
      id: String(10n ** 55n + BigInt(i)),
      timestamp: 1_511_658_000_000 + i,
      message,
    })),
  });

/** A format of a producer's own, whose reading costs next to nothing beside the events. */
const ownLines: Decode = (data) =>
  data[0] === OWN ? (JSON.parse(Buffer.from(data).toString().slice(1)) as object[]) : undefined;
const OWN = '#'.charCodeAt(0);

export const RECORD_FORMS: readonly RecordForm[] = [
  { what: 'lines', write: joinedBy('\n') },
  { what: 'lines of a named producer', write: stampedLines() },
  {
    what: 'lines behind a byte order mark',
    write: (lines) => Buffer.from(`\ufeff${lines.join('\n')}`),
  },
  { what: 'gzip of lines', write: (lines) => gzipSync(lines.join('\n')) },
  { what: 'zlib of lines', write: (lines) => deflateSync(lines.join('\n')) },
  { what: 'objects one behind the other', write: joinedBy('') },
  { what: 'an array', write: (lines) => Buffer.from(`[${lines.join(',')}]`) },
  {
    what: 'an array over several lines',
    write: (lines) => Buffer.from(`[\n${lines.join(',\n')}\n]`),
  },
  { what: 'gzip of CloudWatch Logs', write: (lines) => gzipSync(logEnvelope(lines)) },
  {
    what: "a source's own decode",
    write: (lines) => Buffer.from(`#[${lines.join(',')}]`),
    reading: { ...ANY_FORM, decode: ownLines },
  },
];

/** The job with its streams declared as the form needs them. */
export const readingAs = (job: Job, { reading }: RecordForm): Job =>
  reading
    ? ({ ...job, sources: job.sources.map((source) => ({ ...source, reading })) } as Job)
    : job;
