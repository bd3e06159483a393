/**
 * The stream of a new job. One that some job reads already is described by that job's folder: its source, which is imported,
 * and an event of it, which stands in the worked example of its README.
 */
import { isDeepStrictEqual } from 'node:util';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { UsageError } from '../../inputs/usageError.ts';
import type { Source } from '../../shared/job/source.ts';
import { type Event, examplesOf } from './examples.ts';
import { type Names, namesOf } from './names.ts';

/** What a template says of a stream, in the words of this one. */
export interface StreamWords {
  readonly names: Names;
  /** The constant that holds the source. */
  readonly source: string;
  readonly eventType: string;
  /** Attributes: what events are partitioned by, and when they happened. */
  readonly key: string;
  readonly time: string;
  /** All other attributes, with their values in an example. */
  readonly others: Readonly<Record<string, unknown>>;
  /** The same of an event that differs in nothing else; as `others` where no example is at hand. */
  readonly otherwise: Readonly<Record<string, unknown>>;
  /** The folder that declares it; absent for a new stream. */
  readonly declaredIn?: string;
}

/** @param key the attribute that its events are partitioned by */
export function newStreamWords(name: string, key: string): StreamWords {
  const names = namesOf(name);
  const eventType = `${names.pascal.replace(/Events?$/, '')}Event`;
  const others = { action: 'view' };
  const attributes = { key, time: 'timestamp', others, otherwise: { action: 'buy' } };
  return { names, source: names.camel, eventType, ...attributes };
}

/** Undefined where no job reads such a stream. Throws UsageError where templates cannot be told in its words. */
export async function existingStreamWords(
  name: string,
  root: string,
): Promise<StreamWords | undefined> {
  const readers = Object.entries(INGEST_JOBS).flatMap(([folder, { usual }]) =>
    usual.sources.some(({ stream }) => stream === name) ? [folder] : [],
  );
  const [declaredIn] = readers;
  if (declaredIn === undefined) return undefined;
  const exported = (await import(`../../functions/${declaredIn}/events.ts`)) as object;
  const [constant, source] =
    Object.entries(exported).find((each): each is [string, Source<unknown>] => {
      const [, value] = each as [string, { readonly stream?: unknown } | undefined];
      return value?.stream === name;
    }) ?? [];
  if (constant === undefined || !source) {
    throw new UsageError(
      `--stream is "${name}", of which functions/${declaredIn}/events.ts has no source; name a new stream`,
    );
  }
  const examples = examplesOf(source, readers, root);
  const attributes = attributesOf(name, source, examples);
  const names = namesOf(name);
  return {
    names,
    source: constant,
    eventType: `${names.pascal}Event`,
    declaredIn,
    ...attributes,
  };
}

/** Which attribute is which, by trying what a change of it changes. */
function attributesOf(
  stream: string,
  source: Source<unknown>,
  [example, ...more]: readonly [Event, ...Event[]],
) {
  const names = Object.keys(example).filter((name) => /^[A-Za-z_]\w*$/.test(name));
  const otherKey = `${source.partitionKey(example)}-other`;
  const otherTime = source.eventTime(example) + 1;
  const key = names.find(
    (name) => source.partitionKey({ ...example, [name]: otherKey }) === otherKey,
  );
  const time = names.find(
    (name) => source.eventTime({ ...example, [name]: otherTime }) === otherTime,
  );
  if (key === undefined || time === undefined) {
    throw new UsageError(
      `--stream is "${stream}", whose ${key === undefined ? 'partition key' : 'event time'} is no attribute of its events, and a new job goes by one; name a new stream`,
    );
  }
  const parsed = source.parse({ ...example, [key]: 'u1' });
  if ('problem' in parsed) {
    throw new UsageError(
      `--stream is "${stream}", and the example of a new job is no event of it: ${parsed.problem}; name a new stream`,
    );
  }
  const othersOf = (event: Event) => {
    const entries = Object.entries(event).filter(([name]) => name !== key && name !== time);
    return Object.fromEntries(entries);
  };
  const others = othersOf(example);
  const otherwise = more
    .filter((event) => 'event' in source.parse({ ...example, ...event, [key]: 'u1' }))
    .map(othersOf)
    .find((each) => !isDeepStrictEqual(each, others));
  return { key, time, others, otherwise: otherwise ?? others };
}
