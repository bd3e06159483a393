/**
 * A source: one stream, what its events look like, when they happened, and how they are partitioned.
 * Validation is zod's; its first problem becomes the dead letter's reason.
 */
import * as z from 'zod';
import type { StreamName } from '../model/lane.ts';
import { type EventTime, eventTime } from '../model/time.ts';

export interface Source<Event> {
  readonly stream: StreamName;
  /** The event, or why it is none: one line that names the field, the value and the remedy. */
  parse(value: unknown): { readonly event: Event } | { readonly problem: string };
  eventTime(event: Event): EventTime;
  /** What producers hash an event by. */
  partitionKey(event: Event): string;
}

/** Ids longer than this would not fit a DynamoDB sort key (1,024 bytes) once encoded. */
const ID_LENGTH_MAX = 256;

/** An id: text, not empty, at most 256 characters, and storable as UTF-8. */
export const id = () =>
  z
    .string()
    .min(1, 'is empty')
    .max(ID_LENGTH_MAX, `is longer than ${ID_LENGTH_MAX} characters`)
    .refine((text) => text.isWellFormed(), 'holds half a surrogate pair, which UTF-8 cannot store');

/** An event time: a whole number of epoch milliseconds. Its range is checked by the engine. */
export const epochMilliseconds = () => z.int('must be a whole number of epoch milliseconds');

export function source<Schema extends z.ZodType>(options: {
  stream: StreamName;
  schema: Schema;
  eventTime: (event: z.output<Schema>) => number;
  partitionKey: (event: z.output<Schema>) => string;
}): Source<z.output<Schema>> {
  const { stream, schema } = options;
  return {
    stream,
    parse(value) {
      const parsed = schema.safeParse(value);
      return parsed.success
        ? { event: parsed.data }
        : { problem: describeIssue(parsed.error.issues[0], value) };
    },
    eventTime: (event) => eventTime(options.eventTime(event)),
    partitionKey: options.partitionKey,
  };
}

const SHOWN_VALUE_LENGTH_MAX = 80;

function describeIssue(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  if (!issue) return 'is not an event of this stream';
  const place = issue.path.length > 0 ? issue.path.join('.') : 'event';
  const found = issue.path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
  const shown = JSON.stringify(found)?.slice(0, SHOWN_VALUE_LENGTH_MAX) ?? 'missing';
  return `${place}: ${issue.message} (found ${shown})`;
}
