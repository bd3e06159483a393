/** Late events and dead letters as they are shown. */
import { isUtf8 } from 'node:buffer';
import { eventTime, isoTime, NO_WATERMARK } from '../../shared/model/time.ts';
import { unreadableReason } from '../../shared/records/envelopes.ts';
import type { LetterState } from '../../shared/state/deadLetters.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { printable } from './printable.ts';
import { textTable } from './table.ts';

const SHOWN_EVENT_LENGTH_MAX = 100;
const SHOWN_POSITION_LENGTH_MAX = 24;

/** A dead letter may come with what became of it. */
type ShownSideEvent = StoredSideEvent & { readonly state?: LetterState };

/** @param before what else there is to say of it, first */
export function sideEventLine(side: ShownSideEvent, before: object = {}): string {
  return JSON.stringify({
    ...before,
    kind: side.kind,
    ...(side.state === undefined ? {} : { state: side.state }),
    lane: side.lane,
    position: side.position,
    ...(side.reason === undefined ? {} : { reason: side.reason }),
    ...(side.eventTime === undefined ? {} : { eventTime: isoTime(side.eventTime) }),
    ...(side.watermark === NO_WATERMARK ? {} : { watermark: isoTime(side.watermark) }),
    arrival: isoTime(side.arrival),
    partitionKey: side.partitionKey,
    ...(isUtf8(side.raw)
      ? { event: Buffer.from(side.raw).toString() }
      : { eventBase64: Buffer.from(side.raw).toString('base64') }),
  });
}

/** Rows of one table. However many there are, only so many are in memory. */
const TABLE_ROWS_MAX = 1_000;

/** One table, or as many as it takes. */
export async function* sideEventsTables(
  events: AsyncIterable<ShownSideEvent>,
): AsyncGenerator<string> {
  let head: readonly string[] = [];
  let rows: string[][] = [];
  for await (const side of events) {
    const cells = cellsOf(side);
    head = Object.keys(cells);
    rows.push(Object.values(cells));
    if (rows.length < TABLE_ROWS_MAX) continue;
    yield textTable(head, rows);
    rows = [];
  }
  if (rows.length > 0 || head.length === 0) yield textTable(head, rows);
}

/** By the columns' heads. */
const cellsOf = (side: ShownSideEvent): Readonly<Record<string, string>> => ({
  lane: side.lane,
  position: shownPosition(side.position),
  arrival: isoTime(side.arrival),
  ...(side.state === undefined ? {} : { state: side.state }),
  why: side.reason ?? lateness(side),
  event: shownEvent(side.raw),
});

const lateness = ({ eventTime: at, watermark }: StoredSideEvent): string =>
  `event time ${isoTime(at ?? eventTime(0))}, watermark ${isoTime(watermark)}`;

/** Enough of it to tell positions of a lane apart; in full it would take half the line. */
const shownPosition = (position: string): string =>
  position.length > SHOWN_POSITION_LENGTH_MAX
    ? `…${position.slice(1 - SHOWN_POSITION_LENGTH_MAX)}`
    : position;

/** A file's line that its reader could not read comes in an envelope; people look for the line. */
function lineIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (unreadableReason(value) === undefined) return text;
    const line: unknown = Reflect.get(value as object, 'line');
    return typeof line === 'string' ? line : text;
  } catch {
    return text;
  }
}

function shownEvent(raw: Uint8Array): string {
  const text = isUtf8(raw)
    ? lineIn(Buffer.from(raw).toString())
    : `base64: ${Buffer.from(raw).toString('base64')}`;
  // As JSON writes it, so that a backslash of the event is told from one of ours.
  const shown = printable(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'));
  if (shown.length <= SHOWN_EVENT_LENGTH_MAX) return shown;
  // As bytes in between: a piece of a text keeps all of it in memory.
  return `${Buffer.from(shown.slice(0, SHOWN_EVENT_LENGTH_MAX)).toString()}…`;
}
