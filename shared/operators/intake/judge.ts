/**
 * Whether an entry is an event of the job at all, and what its key is: the job's own code is asked, and what it throws makes a
 * dead letter. Neither lateness nor what becomes of the event is decided here.
 */
import { InvariantViolation, PoisonEventError } from '../../errors.ts';
import type { Source } from '../../job/source.ts';
import { type JobSpec, sourceOf } from '../../job/spec.ts';
import type { StreamName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  type Duration,
  type EventTime,
  isAhead,
  isoTime,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf, shortened } from './deadReason.ts';

export type Judged =
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'filtered' | 'taken'; readonly event: unknown; readonly at: EventTime };

/** A job as its source for one stream sees it. */
export interface Reader extends Pick<JobSpec<unknown>, 'filter' | 'maxFutureSkew'> {
  readonly source: Source<unknown>;
}

/** Throws InvariantViolation where the job does not read the stream. */
export function readerOf(job: JobSpec<unknown>, stream: StreamName): Reader {
  const source = sourceOf(job, stream);
  if (!source) throw new InvariantViolation(`${job.name} does not read stream ${stream}`);
  const { maxFutureSkew } = job;
  return { source, maxFutureSkew, ...(job.filter ? { filter: job.filter } : {}) };
}

export function judge({ source, filter, maxFutureSkew }: Reader, entry: Entry): Judged {
  if ('problem' in entry) return { kind: 'dead', reason: entry.problem };
  try {
    const parsed = source.parse(entry.value);
    if ('problem' in parsed) return { kind: 'dead', reason: shortened(parsed.problem) };
    const { event } = parsed;
    const at = source.eventTime(event);
    const outOfRange = timeProblem(at, entry.arrival, maxFutureSkew);
    if (outOfRange !== undefined) return { kind: 'dead', reason: outOfRange };
    return { kind: filter && !filter(event) ? 'filtered' : 'taken', event, at };
  } catch (error) {
    return { kind: 'dead', reason: reasonOf(error) };
  }
}

/** 1980-01-01T00:00:00Z. A time before it is most likely in seconds. */
const EARLIEST_EVENT_TIME = 315_532_800_000;

function timeProblem(at: EventTime, arrival: ArrivalTime, skew: Duration): string | undefined {
  if (!Number.isFinite(at)) {
    return `event time is ${JSON.stringify(at) ?? 'nothing'}, and must be a number of epoch milliseconds`;
  }
  if (at < EARLIEST_EVENT_TIME) {
    return `event time ${at} is before 1980; it may be in seconds: event times are epoch milliseconds`;
  }
  if (isAhead(at, arrival, skew)) {
    return `event time ${at} is more than ${skew} ms ahead of the record's arrival (${isoTime(arrival)}); mend the producer's clock`;
  }
  return undefined;
}

/** In a table's partition key, and 400 times in a timer sheet. */
const ROW_KEY_BYTES_MAX = 1_024;

/** The key, of any length. Throws PoisonEventError, and what the job's own function throws. */
export function keyOf<Event>(job: { key(event: Event): string }, event: Event): string {
  const key: unknown = job.key(event);
  if (typeof key === 'string' && key.isWellFormed()) return key;
  throw new PoisonEventError('its key is not text that UTF-8 can store');
}

/** The key of a row. Throws PoisonEventError, and what the job's own function throws. */
export function rowKeyOf<Event>(job: { key(event: Event): string }, event: Event): string {
  const key = keyOf(job, event);
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= ROW_KEY_BYTES_MAX) return key;
  throw new PoisonEventError(
    `its key has ${bytes} bytes; a row's key has 1 to ${ROW_KEY_BYTES_MAX}`,
  );
}
