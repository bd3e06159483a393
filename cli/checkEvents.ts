/** A file's events against their stream's schema, before any of them is put. */
import { shownName } from '../inputs/files/bytes.ts';
import { STREAM_FORMATS } from '../inputs/formats.ts';
import type { InputEvent } from '../inputs/readInput.ts';
import type { Source } from '../shared/job/source.ts';
import type { StreamName } from '../shared/model/lane.ts';
import { unreadableReason } from '../shared/records/envelopes.ts';
import { MostlyDead } from './failure.ts';
import { mostlyDead, type ReadFile } from './mostlyDead.ts';
import { valueText } from './output/valueText.ts';

/** Of a pipe, which cannot be read twice, so many are held and checked before the first is put. */
const HELD_EVENTS_MAX = 10_000;

type CheckedFile = Omit<ReadFile, 'events' | 'dead'>;

export class EventCheck {
  readonly #file: CheckedFile;
  readonly #parse: Source<unknown>['parse'];
  readonly #now: number;
  #events = 0;
  #dead = 0;
  #first: string | undefined;

  /** @param now epoch milliseconds */
  constructor(file: CheckedFile, now: number) {
    this.#file = file;
    this.#parse = parserOf(file.stream);
    this.#now = now;
  }

  get events(): number {
    return this.#events;
  }

  take(event: InputEvent): void {
    this.#events += 1;
    const problem = problemOf(event, this.#parse, this.#now);
    if (problem === undefined) return;
    this.#dead += 1;
    this.#first ??= `${shownName(this.#file.file)}:${event.lineNumber} ${problem}`;
  }

  /** What is to be said of them; undefined where nothing is. Throws MostlyDead where so many would be dead that they should not be put. */
  async verdict(): Promise<string | undefined> {
    if (this.#first === undefined) return undefined;
    const counts = { events: this.#events, dead: this.#dead };
    const problem = await mostlyDead({ ...this.#file, ...counts });
    if (problem !== undefined) {
      throw new MostlyDead(
        `nothing is put: ${problem}; the first, ${this.#first}; --no-check puts them nevertheless`,
      );
    }
    const of = `${valueText(this.#dead)} of ${valueText(this.#events)} events`;
    return `${of} will be dead letters; the first, ${this.#first}`;
  }
}

const parserOf = (stream: StreamName): Source<unknown>['parse'] =>
  STREAM_FORMATS[stream]?.parse ?? (() => ({ problem: 'is of no stream' }));

/** 1980, as for a job; and as far ahead as no clock is. */
const EARLIEST_MS = Date.parse('1980-01-01T00:00:00Z');
const AHEAD_MAX_MS = 24 * 60 * 60 * 1_000;

function problemOf(
  { value, line, eventTimeMs }: InputEvent,
  parse: Source<unknown>['parse'],
  now: number,
): string | undefined {
  if (value === undefined) return unexplained(line);
  const parsed = parse(value);
  if ('problem' in parsed) return parsed.problem;
  if (eventTimeMs === undefined) return undefined;
  if (eventTimeMs < EARLIEST_MS) return `event time ${eventTimeMs} is before 1980`;
  const isAhead = eventTimeMs > now + AHEAD_MAX_MS;
  return isAhead ? `event time ${eventTimeMs} is more than a day ahead` : undefined;
}

/** The reader's own reason, where the line came in an envelope. */
function unexplained(line: InputEvent['line']): string {
  if (typeof line !== 'string') return 'is no text in UTF-8';
  try {
    return unreadableReason(JSON.parse(line)) ?? 'is not JSON';
  } catch {
    return 'is not JSON';
  }
}

/** All events; before the first of them, `check` has seen as many as can be held, and `onChecked` has let them pass. */
export async function* checkedAhead<Event extends InputEvent>(
  events: AsyncIterable<Event>,
  check: EventCheck,
  onChecked: () => Promise<void>,
): AsyncGenerator<Event> {
  let held: Event[] | undefined = [];
  for await (const event of events) {
    if (!held) {
      yield event;
      continue;
    }
    check.take(event);
    held.push(event);
    if (held.length < HELD_EVENTS_MAX) continue;
    await onChecked();
    yield* held;
    held = undefined;
  }
  if (!held) return;
  await onChecked();
  yield* held;
}
