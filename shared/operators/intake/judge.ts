/** Whether an entry is an event of the job at all: the one place where dead letters are decided upon. */
import { InvariantViolation } from '../../errors.ts';
import { type JobHead, sourceOf } from '../../job/head.ts';
import type { Source } from '../../job/source.ts';
import type { StreamName } from '../../model/lane.ts';
import { type ArrivalTime, type Duration, type EventTime, isoTime } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';

export type Judged =
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'filtered' | 'taken'; readonly event: unknown; readonly at: EventTime };

/** A job as its source for one stream sees it. */
export interface Reader extends Pick<JobHead<unknown>, 'filter' | 'maxFutureSkew'> {
  readonly source: Source<unknown>;
}

/** Throws InvariantViolation where the job does not read the stream. */
export function readerOf(job: JobHead<unknown>, stream: StreamName): Reader {
  const source = sourceOf(job, stream);
  if (!source) throw new InvariantViolation(`${job.name} does not read stream ${stream}`);
  const { maxFutureSkew } = job;
  return { source, maxFutureSkew, ...(job.filter ? { filter: job.filter } : {}) };
}

export function judge({ source, filter, maxFutureSkew }: Reader, entry: Entry): Judged {
  if (entry.problem !== undefined) return { kind: 'dead', reason: entry.problem };
  try {
    const parsed = source.parse(entry.value);
    if ('problem' in parsed) return { kind: 'dead', reason: shortened(parsed.problem) };
    const { event } = parsed;
    const at = source.eventTime(event);
    const outOfRange = timeProblem(at, entry.arrival, maxFutureSkew);
    if (outOfRange !== undefined) return { kind: 'dead', reason: outOfRange };
    return { kind: filter && !filter(event) ? 'filtered' : 'taken', event, at };
  } catch (error) {
    return { kind: 'dead', reason: thrownReason(error) };
  }
}

/** The reason of a dead letter on which the job's own code threw. */
export const thrownReason = (cause: unknown): string =>
  `the job's own code threw: ${shortened(textOf(cause))}`;

const REASON_LENGTH_MAX = 500;

/** A reason may quote the event, which is kept beside it. As bytes in between, so that the rest is not kept in memory. */
const shortened = (reason: string): string =>
  reason.length <= REASON_LENGTH_MAX
    ? reason
    : `${Buffer.from(reason.slice(0, REASON_LENGTH_MAX)).toString()}…`;

function textOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause);
  } catch {
    return 'what is no error and has no text';
  }
}

/** 1980-01-01T00:00:00Z. A time before it is most likely in seconds. */
const EARLIEST_EVENT_TIME = 315_532_800_000;

function timeProblem(at: EventTime, arrival: ArrivalTime, skew: Duration): string | undefined {
  if (at < EARLIEST_EVENT_TIME) {
    return `event time ${at} is before 1980; it may be in seconds: event times are epoch milliseconds`;
  }
  if (!(at <= arrival + skew)) {
    return `event time ${at} is more than ${skew} ms ahead of the record's arrival (${isoTime(arrival)}); mend the producer's clock`;
  }
  return undefined;
}
