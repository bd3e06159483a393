/**
 * Timer sheets: the timers that one batch noted, a sheet for each minute of event time in which one is due. A sheet's
 * name is made of its content, so noting the same timers again changes nothing. Sheets have no time to live: whoever
 * has handled all timers of one deletes it.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Lane } from '../../model/lane.ts';
import { type EventTime, eventTime, minuteOf, minutes, type Watermark } from '../../model/time.ts';
import type { Item, Key, Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { timersPartition } from '../keys.ts';

/** The answer for the key may change by itself once the watermark reaches this time. */
export interface Timer {
  readonly key: string;
  readonly at: EventTime;
}

export interface TimerSheet {
  readonly item: Key;
  readonly timers: readonly Timer[];
}

const SHEET_WIDTH = minutes(1);
const MINUTE_DIGITS = 12;
const HASH_LENGTH = 16;
/** Keys of at most 1,024 bytes: a sheet stays below 400 KB. */
const TIMERS_MAX = 400;

export function packSheets(lane: Lane, timers: readonly Timer[]): readonly Item[] {
  const byMinute = new Map<number, Timer[]>();
  for (const timer of timers) {
    const minute = minuteOf(timer.at);
    const sheet = byMinute.get(minute);
    if (sheet) sheet.push(timer);
    else byMinute.set(minute, [timer]);
  }
  const items: Item[] = [];
  for (const [minute, sheet] of byMinute) {
    sheet.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    for (let at = 0; at < sheet.length; at += TIMERS_MAX) {
      items.push(sheetItem(lane, minute, sheet.slice(at, at + TIMERS_MAX)));
    }
  }
  return items;
}

function sheetItem(lane: Lane, minute: number, timers: readonly Timer[]): Item {
  const start = minute * SHEET_WIDTH;
  const text = JSON.stringify(timers.map(({ key, at }) => [key, at - start]));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return {
    pk: timersPartition(lane),
    sk: `${minuteKey(minute)}#${hash}`,
    ...STAMP,
    timers: deflateRawSync(text),
  };
}

const minuteKey = (minute: number): string => String(minute).padStart(MINUTE_DIGITS, '0');

/** Sheets in order of their minutes, up to the one that holds the watermark; all of them up to 'end'. */
export async function* readSheets(
  table: Table,
  lane: Lane,
  upTo: Watermark | 'end',
): AsyncGenerator<TimerSheet> {
  const stored = table.query({
    pk: timersPartition(lane),
    ...(upTo === 'end' ? {} : { to: `${minuteKey(minuteOf(upTo))}#~` }),
    order: 'ascending',
    consistency: 'strong',
  });
  for await (const item of stored) yield sheetOf(item);
}

/** Whether anything is noted on a lane that is not handled. */
export async function hasSheets(table: Table, lane: Lane): Promise<boolean> {
  for await (const _sheet of readSheets(table, lane, 'end')) return true;
  return false;
}

function sheetOf(item: Item): TimerSheet {
  const sk = readable(item)['sk'] as string;
  const start = Number.parseInt(sk.slice(0, MINUTE_DIGITS), 10) * SHEET_WIDTH;
  const text = inflateRawSync(item['timers'] as Uint8Array).toString('utf8');
  const timers = JSON.parse(text) as [key: string, after: number][];
  return {
    item: { pk: item['pk'] as string, sk },
    timers: timers.map(([key, after]) => ({ key, at: eventTime(start + after) })),
  };
}
