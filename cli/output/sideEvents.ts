/** Late events and dead letters as they are shown, however many there are. */
import { isUtf8 } from 'node:buffer';
import { eventTime, isoTime, NO_WATERMARK } from '../../shared/model/time.ts';
import type { Item } from '../../shared/ports/table.ts';
import { unreadableReason } from '../../shared/records/envelopes.ts';
import type { LetterState } from '../../shared/state/deadLetters.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { inParts } from '../collect.ts';
import { printCsv } from './csv.ts';
import type { OutputFormat } from './format.ts';
import { printable } from './printable.ts';
import { terminalSize } from './terminal.ts';
import { type Column, textTable } from './textTable.ts';

/** A dead letter may come with what became of it. */
type ShownSideEvent = StoredSideEvent & { readonly state?: LetterState };
type SideEvents = AsyncIterable<ShownSideEvent>;

/** On standard output. */
export async function printSideEvents(events: SideEvents, format: OutputFormat): Promise<void> {
  switch (format) {
    case 'json':
      for await (const side of events) console.log(sideEventLine(side));
      return;
    case 'csv':
      return printCsv(ATTRIBUTES, shownOnes(events));
    case 'table':
      for await (const table of sideEventsTables(events, terminalSize(process.stdout)?.columns)) {
        console.log(table);
      }
  }
}

/** @param before what else there is to say of it, first */
export const sideEventLine = (side: ShownSideEvent, before: Item = {}): string =>
  JSON.stringify({ ...before, ...shown(side) });

async function* shownOnes(events: SideEvents): AsyncGenerator<Item> {
  for await (const side of events) yield shown(side);
}

const shown = (side: ShownSideEvent): Item => ({
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

/** All that one may have, in that order: there may be too many to look first what they have. */
const ATTRIBUTES = [
  'kind',
  'state',
  'lane',
  'position',
  'reason',
  'eventTime',
  'watermark',
  'arrival',
  'partitionKey',
  'event',
  'eventBase64',
];

/** What is looked for comes first: a narrow terminal has no room for the last ones. */
const COLUMNS: readonly Column[] = [
  { head: 'why', kind: 'text' },
  { head: 'event', kind: 'text' },
  { head: 'state', kind: 'text', cutAt: 'never' },
  { head: 'arrival', kind: 'text', cutAt: 'never' },
  { head: 'lane', kind: 'text' },
  // Its end tells positions of a lane apart.
  { head: 'position', kind: 'text', cutAt: 'start' },
];

/** Rows of one table: of all, nobody knows yet how wide they are. */
const TABLE_ROWS_MAX = 1_000;

/**
 * One table, or as many as it takes.
 *
 * @param width of the terminal that they are for; without one, only events that are very long are cut
 */
export async function* sideEventsTables(
  events: SideEvents,
  width?: number,
): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const part of inParts(events, TABLE_ROWS_MAX)) {
    isEmpty = false;
    const cells = part.map(cellsOf);
    const columns = COLUMNS.filter(({ head }) => cells.some((each) => each[head] !== undefined));
    const rows = cells.map((each) => columns.map(({ head }) => each[head] ?? ''));
    yield textTable(columns, rows, width);
  }
  if (isEmpty) yield textTable(COLUMNS, []);
}

/** By the columns' heads. */
const cellsOf = (side: ShownSideEvent): Readonly<Record<string, string | undefined>> => ({
  why: side.reason ?? lateness(side),
  event: shownEvent(side.raw),
  state: side.state,
  arrival: isoTime(side.arrival),
  lane: side.lane,
  position: side.position,
});

const lateness = ({ eventTime: at, watermark }: StoredSideEvent): string =>
  `event time ${isoTime(at ?? eventTime(0))}, watermark ${isoTime(watermark)}`;

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

/** All rows of a table are as wide as its longest event, which may have a megabyte. */
const SHOWN_EVENT_LENGTH_MAX = 1_000;

function shownEvent(raw: Uint8Array): string {
  const text = isUtf8(raw)
    ? lineIn(Buffer.from(raw).toString())
    : `base64: ${Buffer.from(raw).toString('base64')}`;
  // As JSON writes it, so that a backslash of the event is told from one of ours.
  const shownText = printable(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'));
  if (shownText.length <= SHOWN_EVENT_LENGTH_MAX) return shownText;
  // As bytes in between: a piece of a text keeps all of it in memory.
  const piece = Buffer.from(shownText.slice(0, SHOWN_EVENT_LENGTH_MAX)).toString();
  return `${piece}… (${shownText.length} signs; --format json has all)`;
}
