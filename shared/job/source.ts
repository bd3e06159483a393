/**
 * A source: one stream, what its events look like, when they happened, and how they are partitioned.
 * Validation is zod's; its first problem becomes the dead letter's reason, in our own words.
 */
import * as z from 'zod';
import type { StreamName } from '../model/lane.ts';
import { type EventTime, eventTime } from '../model/time.ts';
import { unreadableReason } from '../records/unreadable.ts';

/**
 * Who makes the aggregates on a stream (records in the Kinesis Producer Library's format).
 * - `producerLibrary`: the library itself, or what behaves like it. After a resharding it leaves events of other shards in an
 *   aggregate and puts them again where they belong; so an event whose hash key (its explicit one, else its partition key's)
 *   is not in the range of its shard is dropped: counted as filtered, and as misplaced.
 * - `mixed`: also aggregators that mix keys of all shards and put nothing again, such as AWS's small ones. Every event
 *   counts, and where the library takes part, those that it put again count twice.
 */
export type Aggregates = 'producerLibrary' | 'mixed';

export interface Source<Event> {
  readonly stream: StreamName;
  readonly aggregates: Aggregates;
  /** The event, or why it is none: one line that names the field, the value and the remedy. */
  parse(value: unknown): { readonly event: Event } | { readonly problem: string };
  eventTime(event: Event): EventTime;
  /** What producers hash an event by. */
  partitionKey(event: Event): string;
}

/** Ids longer than this would not fit a DynamoDB sort key (1,024 bytes) once encoded. */
const ID_LENGTH_MAX = 256;

/**
 * An id: text, not empty, and storable as UTF-8; at most 256 characters, which every table takes in a key. What is
 * never a key of a table, such as a URL, may be longer.
 */
export function id({ lengthMax = ID_LENGTH_MAX }: { lengthMax?: number } = {}) {
  const remedy = `must be text of 1 to ${lengthMax} characters`;
  return z
    .string(remedy)
    .min(1, `is empty: ${remedy}`)
    .max(lengthMax, `is longer than ${lengthMax} characters: ${remedy}`)
    .refine(
      (value) => value.isWellFormed(),
      'holds half a surrogate pair: must be text that UTF-8 can store',
    );
}

/** An event time: a whole number of epoch milliseconds. Its range is checked by the engine. */
export const epochMilliseconds = () => z.int('must be a whole number of epoch milliseconds');

export function source<Schema extends z.ZodType>(options: {
  stream: StreamName;
  schema: Schema;
  eventTime: (event: z.output<Schema>) => number;
  partitionKey: (event: z.output<Schema>) => string;
  /** Who makes the stream's aggregates, if anybody does; by default the Kinesis Producer Library. */
  aggregates?: Aggregates;
}): Source<z.output<Schema>> {
  const { stream, schema, aggregates = 'producerLibrary' } = options;
  return {
    stream,
    aggregates,
    parse(value) {
      const parsed = schema.safeParse(value, IN_OUR_WORDS);
      if (parsed.success) return { event: parsed.data };
      const unreadable = unreadableReason(value);
      return { problem: unreadable ?? describeIssue(parsed.error.issues[0], value) };
    },
    eventTime: (event) => eventTime(options.eventTime(event)),
    partitionKey: options.partitionKey,
  };
}

const SHOWN_VALUE_LENGTH_MAX = 80;

/** `field: what it must be (found value)`. */
function describeIssue(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  if (!issue) return 'is not an event of this stream';
  const place = issue.path.length > 0 ? issue.path.join('.') : 'event';
  const found = issue.path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
  return `${place}: ${issue.message} (found ${shown(found)})`;
}

const SHOWN_PARTS_MAX = 20;

/** A value may be a megabyte, or nested deeper than anything can write it: such a one is only named. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const start = typeof value === 'string' ? value.slice(0, SHOWN_VALUE_LENGTH_MAX) : value;
  if (!isSmall(start)) return Array.isArray(value) ? 'a long list' : 'a large object';
  return JSON.stringify(start).slice(0, SHOWN_VALUE_LENGTH_MAX).toWellFormed();
}

/** Whether it is made of few and short parts; looks at no more of them. */
function isSmall(value: unknown): boolean {
  let left = SHOWN_PARTS_MAX;
  const isPart = (part: unknown): boolean => {
    left -= 1;
    if (left < 0) return false;
    if (typeof part === 'string') return part.length <= SHOWN_VALUE_LENGTH_MAX;
    if (typeof part !== 'object' || part === null) return true;
    return Object.entries(part).every(([name, inner]) => isPart(name) && isPart(inner));
  };
  return isPart(value);
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a JSON object',
  record: 'a JSON object',
  string: 'text',
};

/** Says what is allowed where the schema does not say it itself; undefined leaves it to zod. */
const IN_OUR_WORDS = {
  error(issue: z.core.$ZodRawIssue): string | undefined {
    switch (issue.code) {
      case 'invalid_type':
        return `must be ${JSON_TYPES[issue.expected] ?? issue.expected}`;
      case 'invalid_value':
        return oneOf(issue.values);
      case 'invalid_union':
        return Array.isArray(issue.options)
          ? oneOf(issue.options)
          : 'is none of the forms it may have';
      default:
        return undefined;
    }
  },
};

function oneOf(choices: readonly unknown[]): string {
  const shown = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return choices.length === 1 ? `must be ${shown}` : `must be one of ${shown}`;
}
