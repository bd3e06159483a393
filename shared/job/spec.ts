/**
 * The part of a declaration that all kinds of jobs have: what a job is called, what it reads and how it takes time. Nothing that loses data
 * has a default.
 */
import { createHash } from 'node:crypto';
import { JobDefinitionError } from '../errors.ts';
import type { StreamName } from '../model/lane.ts';
import type { Duration } from '../model/time.ts';
import { requireAll } from './required.ts';
import type { Source } from './source.ts';

export interface JobSpec<Event> {
  /** kebab-case; part of every state key. */
  readonly name: string;
  /** Raise it when stored state would mean something else: the new version starts empty beside the old. */
  readonly version: number;
  /** One a stream. */
  readonly sources: readonly Source<Event>[];
  /** How far the watermark trails the greatest event time. */
  readonly maxOutOfOrderness: Duration;
  /** An event further ahead of its record's arrival than this is a dead letter. */
  readonly maxFutureSkew: Duration;
  /** Events that are not of interest: counted as filtered, but they still advance the watermark. */
  filter?(event: Event): boolean;
}

type SpecOptions<Event> = Omit<JobSpec<Event>, 'sources'>;

/** A job on one stream. */
export interface SingleSource<Event> extends SpecOptions<Event> {
  readonly source: Source<Event>;
  readonly sources?: never;
}

export type NamedSources = Readonly<Record<string, Source<unknown>>>;

/** The events of a source. */
export type EventOf<One> = One extends Source<infer Event> ? Event : never;

/** Which of a job's sources an event came from, and the event. */
export type Sourced<Sources extends NamedSources> = {
  readonly [Name in keyof Sources]: {
    readonly source: Name;
    readonly event: EventOf<Sources[Name]>;
  };
}[keyof Sources];

/** A job on several streams: its events say which source they came from. */
export interface SeveralSources<Sources extends NamedSources>
  extends SpecOptions<Sourced<Sources>> {
  readonly sources: Sources;
  readonly source?: never;
}

/** Throws JobDefinitionError. */
export function specOf(
  options: SingleSource<unknown> | SeveralSources<NamedSources>,
): JobSpec<unknown> {
  const { source, sources, ...rest } = options;
  const all = source
    ? [source]
    : Object.entries(sources ?? {}).map(([name, each]) => tagged(name, each));
  const spec = { ...rest, sources: all } as JobSpec<unknown>;
  validateSpec(spec);
  return spec;
}

/** The job's source for a stream; undefined where it reads no such stream. */
export const sourceOf = <Event>(
  job: Pick<JobSpec<Event>, 'sources'>,
  stream: StreamName,
): Source<Event> | undefined => job.sources.find((each) => each.stream === stream);

export const streamsOf = (job: Pick<JobSpec<unknown>, 'sources'>): readonly StreamName[] =>
  job.sources.map(({ stream }) => stream);

/**
 * For jobs whose answer depends on the order of a key's events: over two streams there is none.
 * @throws JobDefinitionError
 */
export function checkOneSource<Event>(spec: JobSpec<Event>): void {
  const { name, sources } = spec;
  checkKeyedSource(spec);
  if (sources.length === 1) return;
  throw new JobDefinitionError(
    `${name} has ${sources.length} sources, and a pattern or a gate goes by the order of one; make it a status job`,
  );
}

/**
 * For jobs that have each key on its own shard.
 * @throws JobDefinitionError
 */
export function checkKeyedSource<Event>({ name, sources }: JobSpec<Event>): void {
  if (sources[0]?.aggregates !== 'mixed') return;
  throw new JobDefinitionError(
    `${name}: aggregates on ${sources[0].stream} mix the keys of all shards, and this job has each key on its own; ` +
      'leave `aggregates` away where the Kinesis Producer Library makes them, or put records of one key each',
  );
}

function tagged(name: string, source: Source<unknown>): Source<{ source: string; event: unknown }> {
  return {
    ...source,
    parse(value) {
      const parsed = source.parse(value);
      return 'problem' in parsed ? parsed : { event: { source: name, event: parsed.event } };
    },
    eventTime: ({ event }) => source.eventTime(event),
    partitionKey: ({ event }) => source.partitionKey(event),
  };
}

function validateSpec({ name, version, sources, ...spec }: JobSpec<unknown>): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new JobDefinitionError(`job name "${name}" is not kebab-case; write it like hot-items`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new JobDefinitionError(`version of ${name} is ${version}; give a whole number from 1 up`);
  }
  requireAll(`the job ${name}`, spec, ['maxOutOfOrderness', 'maxFutureSkew']);
  for (const limit of ['maxOutOfOrderness', 'maxFutureSkew'] as const) {
    if (spec[limit] >= 0) continue;
    throw new JobDefinitionError(
      `${name}: ${limit} is ${spec[limit]} ms; give a duration of 0 or more`,
    );
  }
  if (sources.length === 0) throw new JobDefinitionError(`${name} has no source`);
  if (new Set(streamsOf({ sources })).size < sources.length) {
    throw new JobDefinitionError(
      `${name} reads a stream twice; give each stream one source and tell its events apart by a field`,
    );
  }
}

const SHAPE_LENGTH = 8;

/** Part of the shape of jobs whose keys are kept in the store of their lane: before format 3 each had an item of its own. */
export const KEPT_IN_STORE = 'store';

/** A short name for what stored state means: state of another shape is refused instead of misread. */
export function shapeOf(parts: readonly (number | string)[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, SHAPE_LENGTH);
}
