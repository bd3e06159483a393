/**
 * Jobs whose keys are not what their streams are partitioned by: their lanes on the streams that they read forward events to a stream of the
 * job's own, the repartition stream, and its lanes keep the keys. What is needed for that follows from the declaration alone.
 *
 * A job has lanes of two kinds then: *forwarding* ones, on the streams of its sources, and *keyed* ones, on the repartition stream.
 */
import type { StreamName } from '../model/lane.ts';
import type { ArrivalTime, EventTime } from '../model/time.ts';
import { asPartitionKey } from '../ports/recordSink.ts';
import type { ANY_FORM } from '../records/forms.ts';
import { readForwarded } from '../records/forwarded.ts';
import type { Job } from './job.ts';
import type { Source } from './source.ts';
import { sourceOf, streamsOf } from './spec.ts';
import type { StatusJob } from './statusJob.ts';

/** A status job with a repartition stream. */
export const needsRepartition = (job: Job): job is StatusJob =>
  job.kind === 'status' && job.repartitioned;

/** The stream that the job's forwarding lanes put on; undefined for a job that needs none. A version has its own. */
export const repartitionStreamOf = (job: Job): StreamName | undefined =>
  needsRepartition(job) ? `${job.name}-${job.version}-repartition` : undefined;

/** All streams on which the job has lanes. */
export function laneStreamsOf(job: Job): readonly StreamName[] {
  const own = repartitionStreamOf(job);
  return own === undefined ? streamsOf(job) : [...streamsOf(job), own];
}

/** Whether the job's lanes on the stream forward what they take. */
export const isForwarding = (job: Job, stream: StreamName): boolean =>
  needsRepartition(job) && sourceOf(job, stream) !== undefined;

/** An event on the repartition stream. */
export interface Forwarded {
  readonly event: unknown;
  /** The arrival clock of its source's lane at the event. */
  readonly arrival: ArrivalTime;
  /** Whether it counts as late where it came from. */
  readonly isLate: boolean;
  readonly at: EventTime;
}

/** The job as its keyed lanes see it: on one stream, with the same keys, rows and state. */
export function keyedPartOf(job: StatusJob): StatusJob {
  const { filter: _filtered, key, merge, ...rest } = job;
  return {
    ...rest,
    repartitioned: false,
    sources: [forwardedSource(job)],
    key: (each) => key((each as Forwarded).event),
    merge: (state, each) => merge(state, (each as Forwarded).event),
  };
}

/** What the repartition stream is to its readers. */
function forwardedSource(job: StatusJob): Source<Forwarded> {
  const parse: Source<Forwarded>['parse'] = (value) => {
    const forwarded = readForwarded(value);
    if (forwarded?.kind !== 'event') return { problem: 'is no event that was forwarded' };
    const source = sourceOf(job, forwarded.stream);
    if (!source) {
      return { problem: `is from the stream ${forwarded.stream}, which ${job.id} does not read` };
    }
    const parsed = source.parse(forwarded.value);
    if ('problem' in parsed) return parsed;
    const { event } = parsed;
    const { arrival, isLate } = forwarded;
    return { event: { event, arrival, isLate, at: source.eventTime(event) } };
  };
  const parsedIn = (value: object): Forwarded | undefined => {
    const parsed = parse(value);
    return 'event' in parsed ? parsed.event : undefined;
  };
  const partitionKey = ({ event }: Forwarded) => asPartitionKey(job.key(event));
  return {
    stream: repartitionStreamOf(job) ?? '',
    aggregates: 'producerLibrary',
    reading: { forms: NO_FORMS },
    parse,
    eventTime: ({ at }) => at,
    partitionKey,
    partitionKeyIn(value) {
      const found = parsedIn(value);
      return found && partitionKey(found);
    },
    eventTimeIn: (value) => parsedIn(value)?.at,
  };
}

/** Lines of JSON. */
const NO_FORMS: typeof ANY_FORM.forms = new Set();

/** The source whose events stand on a stream on which the job has lanes; undefined for any other stream. */
export function laneSourceOf(job: Job, stream: StreamName): Source<unknown> | undefined {
  if (needsRepartition(job) && stream === repartitionStreamOf(job))
    return keyedPartOf(job).sources[0];
  return sourceOf(job, stream);
}
