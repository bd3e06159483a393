/**
 * A source: one stream, what its events look like, when they happened, how they are partitioned, and how files hold them.
 * Validation is zod's; its first problem becomes the dead letter's reason, in our own words.
 */
import * as z from 'zod';
import { JobDefinitionError } from '../errors.ts';
import type { StreamName } from '../model/lane.ts';
import { type EventTime, eventTime } from '../model/time.ts';
import { asPartitionKey } from '../ports/recordSink.ts';
import { unreadableReason } from '../records/envelopes.ts';
import { ANY_FORM, type Decode, type Form, type Reading } from '../records/forms.ts';
import { describeIssue, IN_OUR_WORDS } from './schemaProblem.ts';

/**
 * Who makes the aggregates on a stream (records in the Kinesis Producer Library's format).
 * - `producerLibrary`: the library itself, or what behaves like it. After a resharding it leaves events of other shards in an
 *   aggregate and puts them again where they belong; so an event whose hash key (its explicit one, else its partition key's)
 *   is not in the range of its shard is dropped: counted as filtered, and as misplaced.
 * - `mixed`: also aggregators that mix keys of all shards and put nothing again, such as AWS's small ones. Every event
 *   counts, and where the library takes part, those that it put again count twice.
 */
type Aggregates = 'producerLibrary' | 'mixed';

/** How a line of a file that is not JSON is cut into attributes. */
export interface FileLines {
  /** At commas; or as a web server logs a request, of which the IP address, time, method and URL are taken. */
  readonly form: 'csv' | 'webLog';
  /** Attributes, in the order in which a line has their values. */
  readonly columns: readonly string[];
  /** Which of them is the event time. */
  readonly time: string;
}

export interface Source<Event> {
  readonly stream: StreamName;
  readonly aggregates: Aggregates;
  /** How the data of its records are read. */
  readonly reading: Reading;
  /** Absent where files of the stream hold JSON lines only. */
  readonly fileLines?: FileLines;
  /** The event, or why it is none: one line that names the field, the value and the remedy. */
  parse(value: unknown): { readonly event: Event } | { readonly problem: string };
  eventTime(event: Event): EventTime;
  /** What producers hash an event by. */
  partitionKey(event: Event): string;
  /** The same of what may be no event, since that goes to some shard as well; undefined where it does not say. */
  partitionKeyIn(value: object): string | undefined;
  /** In epoch milliseconds, of what may be no event; undefined where it does not say. */
  eventTimeIn(value: object): number | undefined;
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

/**
 * A whole number. As text, too, since a cell of a CSV file is text: digits, and nothing else, so that no empty or odd value
 * is taken for 0.
 */
export function integer({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}) {
  const range = `${min > Number.MIN_SAFE_INTEGER ? ` from ${min}` : ''}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}`;
  const remedy = `must be a whole number${range}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value),
    z.int(remedy).min(min, remedy).max(max, remedy),
  );
}

/** Attributes that hold such a value in every form that an event may have. */
type AttributeOf<Kind, Event> = {
  [Name in Extract<keyof Event, string>]: Event[Name] extends Kind ? Name : never;
}[Extract<keyof Event, string>];

/** Attributes of any form of the event. */
type Columns<Event> = readonly (Event extends unknown ? Extract<keyof Event, string> : never)[];

/** A flat interface: what the compiler says of a union of them fills a screen. */
export interface SourceOptions<Schema extends z.ZodType, Event = z.output<Schema>> {
  readonly stream: StreamName;
  readonly schema: Schema;
  /** The attribute that holds it, in epoch milliseconds, or what computes it. */
  readonly eventTime: AttributeOf<number, Event> | ((event: Event) => number);
  /**
   * The attribute that producers hash an event by, or what computes such a key; of a longer one its first 256 characters,
   * which is what Kinesis takes.
   */
  readonly partitionKey: AttributeOf<string, Event> | ((event: Event) => string);
  /** The columns of the stream's CSV files; what is empty in a line is absent in the event. */
  readonly csv?: Columns<Event>;
  /** The attributes for a request's IP address, time, method and URL, where its files are web logs instead. */
  readonly webLog?: Columns<Event>;
  /** Who makes the stream's aggregates, if anybody does; by default the Kinesis Producer Library. */
  readonly aggregates?: Aggregates;
  /**
   * Which forms besides JSON lines the stream's records are read in, by default all; a payload of another one is a dead letter. In
   * which order they are tried is always the same.
   */
  readonly forms?: readonly Form[];
  /** Reads a format of the producer's own, before anything but aggregates is tried. */
  readonly decode?: Decode;
}

/** Throws JobDefinitionError. */
export function source<Schema extends z.ZodType>(
  options: SourceOptions<Schema>,
): Source<z.output<Schema>> {
  type Event = z.output<Schema>;
  const { stream, schema, aggregates = 'producerLibrary' } = options;
  const parse: Source<Event>['parse'] = (value) => {
    const parsed = schema.safeParse(value, IN_OUR_WORDS);
    if (parsed.success) return { event: parsed.data };
    const unreadable = unreadableReason(value);
    return { problem: unreadable ?? describeIssue(parsed.error.issues[0], value) };
  };
  const time = reading<Event, number>(options.eventTime, parse, isNumber);
  const key = reading<Event, string>(options.partitionKey, parse, isText);
  return {
    stream,
    aggregates,
    reading: readingOf(options),
    ...fileLinesOf(options),
    parse,
    eventTime: (event) => eventTime(time.of(event)),
    partitionKey: (event) => asPartitionKey(key.of(event)),
    partitionKeyIn(value) {
      const found = key.in(value);
      return found === undefined ? undefined : asPartitionKey(found);
    },
    eventTimeIn: time.in,
  };
}

const readingOf = ({ forms, decode }: { forms?: readonly Form[]; decode?: Decode }): Reading => ({
  forms: forms ? new Set(forms) : ANY_FORM.forms,
  ...(decode ? { decode } : {}),
});

function fileLinesOf(options: {
  readonly stream: StreamName;
  readonly eventTime: unknown;
  readonly csv?: readonly string[];
  readonly webLog?: readonly string[];
}): Pick<Source<unknown>, 'fileLines'> {
  const { stream, eventTime: time, csv, webLog } = options;
  const columns = csv ?? webLog;
  if (!columns) return {};
  if (csv && webLog) {
    throw new JobDefinitionError(
      `${stream} has csv and webLog; its files have one form, so leave one away`,
    );
  }
  if (typeof time !== 'string') {
    throw new JobDefinitionError(
      `${stream} has ${csv ? 'csv' : 'webLog'} and an eventTime that is computed; name the attribute, whose cells are read as times`,
    );
  }
  if (!columns.includes(time)) {
    throw new JobDefinitionError(`the columns of ${stream} lack ${time}, the time of its events`);
  }
  return { fileLines: { form: csv ? 'csv' : 'webLog', columns, time } };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** How a value is found in an event, and in an object that may be none. */
interface Found<Event, Kind> {
  of(event: Event): Kind;
  in(value: object): Kind | undefined;
}

function reading<Event, Kind>(
  from: string | ((event: Event) => Kind),
  parse: Source<Event>['parse'],
  is: (value: unknown) => value is Kind,
): Found<Event, Kind> {
  if (typeof from === 'function') {
    return {
      of: from,
      in(value) {
        const parsed = parse(value);
        return 'event' in parsed ? from(parsed.event) : undefined;
      },
    };
  }
  return {
    of: (event) => (event as Record<string, Kind>)[from] as Kind,
    in(value) {
      const found = (value as Record<string, unknown>)[from];
      return is(found) ? found : undefined;
    },
  };
}
