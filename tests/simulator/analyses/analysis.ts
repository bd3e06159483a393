/**
 * What a job under simulation should answer, written down once more and as plainly as possible, for the
 * oracle. Nothing of the engine is used here. All times are in milliseconds.
 */
import type { StreamEvent } from '../truth.ts';

type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

/** A row's own attributes but its keys. */
export interface RowContent {
  readonly [attribute: string]: Plain;
}

export interface ExpectedRow {
  /** Value of the table's partition key. */
  readonly key: string;
  readonly content: RowContent;
}

/** An alert: a row of its own, named by its table's sort key. */
export interface ExpectedAlert extends ExpectedRow {
  readonly id: string;
}

/** An event where it stands, as the oracle took it. */
export interface Taken<Event extends StreamEvent = StreamEvent> {
  readonly event: Event;
  readonly lane: string;
  /** `<sequence>/<index>` */
  readonly position: string;
  readonly arrival: number;
}

interface Head<Event extends StreamEvent> {
  readonly outOfOrderness: number;
  readonly maxFutureSkew: number;
  /** How far behind an event may be and still be of interest: the producer makes late ones by it. */
  readonly reach: number;
  /** So long after its own time the last consequence of an event is due. */
  readonly horizon: number;
  /** Times at which an answer may change because of an event at this one: the producer aims at them, and just beside. */
  moments(at: number): readonly number[];
  accepts(event: Event): boolean;
}

/** Decides in stream order, per key, which events go on to the windows. */
export interface GateRules<Event extends StreamEvent = StreamEvent> {
  readonly limit: number;
  keyOf(event: Event): string;
  /** What the first event over the limit brings about. */
  alert(event: Event): ExpectedAlert;
}

/** What one table of a window job says. */
export interface WindowAnswers<Event extends StreamEvent = StreamEvent> {
  /** The rows of a window with these events (at least one). */
  rows(events: readonly Event[]): readonly ExpectedRow[];
  /** Its numbers that more events may lower. */
  readonly mayShrink?: readonly string[];
  /** Whether more events may leave a row out. */
  readonly takesRowsAway?: true;
  /** A list of texts: rows with the same ones are listed together. */
  readonly groupedBy?: string;
}

export interface WindowAnalysis<Event extends StreamEvent = StreamEvent>
  extends Head<Event>,
    WindowAnswers<Event> {
  readonly kind: 'window';
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
  readonly lateness: number;
  readonly gate?: GateRules<Event>;
  /** Of a second table: what the rows of a window come to. */
  readonly summary?: WindowAnswers<Event>;
}

export interface PatternAnalysis<Event extends StreamEvent = StreamEvent> extends Head<Event> {
  readonly kind: 'pattern';
  keyOf(event: Event): string;
  /** The alerts of one key's events, given in order of time and position. Each says which event completed it. */
  alerts(
    events: readonly Taken<Event>[],
  ): readonly { readonly alert: ExpectedAlert; readonly by: Taken<Event> }[];
  /** Whether, of one key's events so far, something is remembered when the next one comes, of that time. */
  remembers(events: readonly Taken<Event>[], next: number): boolean;
  /** Each match that these events began. It is given up once W has come to `due`: with this alert where none of them ended it. */
  begun?(events: readonly Taken<Event>[]): readonly {
    readonly by: Taken<Event>;
    readonly due: number;
    /** What ended it in time. */
    readonly ended: Taken<Event> | undefined;
    readonly timedOut: ExpectedAlert | undefined;
  }[];
}

export interface StatusAnalysis<Event extends StreamEvent = StreamEvent> extends Head<Event> {
  readonly kind: 'status';
  /** Whether each key's events come to one shard; else they come over several streams. */
  readonly isKeyed: boolean;
  /** Which keys have rows: all, or those of problems, which are forgotten sooner where they are none. */
  readonly rows: 'all' | { readonly lateness: number; readonly remember: number };
  readonly problems: readonly string[];
  keyOf(event: Event): string;
  /** The row of one key's events (at least one, in no order) at a watermark. */
  row(events: readonly Event[], watermark: number): RowContent;
  /** How far the job must have come to say what this row says; undefined where that needs no time. */
  dueAt(row: { readonly [attribute: string]: unknown }): number | undefined;
}

export type Analysis = WindowAnalysis | PatternAnalysis | StatusAnalysis;

export const isoTime = (at: number): string => new Date(at).toISOString();
