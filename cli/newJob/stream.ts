/**
 * The stream of a new job. One that some job reads already is described by that job's folder: its source, which is imported,
 * and an event of it, which stands in the worked example of its README.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { UsageError } from '../../inputs/usageError.ts';
import type { Source } from '../../shared/job/source.ts';
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
  /** The folder that declares it; absent for a new stream. */
  readonly declaredIn?: string;
}

/** @param key the attribute that its events are partitioned by */
export function newStreamWords(name: string, key: string): StreamWords {
  const names = namesOf(name);
  const eventType = `${names.pascal.replace(/Events?$/, '')}Event`;
  const attributes = { key, time: 'timestamp', others: { action: 'view' } };
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
  const readmes = readers.map((folder) => join(root, 'functions', folder, 'README.md'));
  const example = source && exampleOf(source, readmes);
  if (constant === undefined || !example) {
    throw new UsageError(
      `--stream is "${name}", of which functions/${declaredIn} has no source or no example; name a new stream`,
    );
  }
  const { key, time, ...others } = attributesOf(name, source, example);
  const names = namesOf(name);
  return {
    names,
    source: constant,
    eventType: `${names.pascal}Event`,
    key,
    time,
    declaredIn,
    ...others,
  };
}

type Event = Readonly<Record<string, unknown>>;

/** The first line of a worked example that is an event of the source. */
function exampleOf(source: Source<unknown>, readmes: readonly string[]): Event | undefined {
  const lines = readmes.flatMap((file) => readFileSync(file, 'utf8').match(/^\{.*\}$/gm) ?? []);
  for (const line of lines) {
    const parsed = source.parse(JSON.parse(line));
    if ('event' in parsed) return parsed.event as Event;
  }
  return undefined;
}

/** Which attribute is which, by trying what a change of it changes. */
function attributesOf(stream: string, source: Source<unknown>, example: Event) {
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
  const others = Object.entries(example).filter(([name]) => name !== key && name !== time);
  return { key, time, others: Object.fromEntries(others) };
}
