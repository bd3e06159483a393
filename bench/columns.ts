/** What lists of records take by column, beside the same as deflated JSON: what keyed jobs store of the sample's events. */
import { hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Value } from '../shared/ports/table.ts';
import { encodeGroups } from '../shared/state/columns/groups.ts';
import { generatedLines } from './events.ts';
import { type Row, rowsIn } from './report.ts';

const row = rowsIn('lists by column, bytes a record');

type Event = Readonly<Record<string, Value>>;

interface Kind {
  readonly what: string;
  readonly stream: string;
  record(event: Event, n: number): Value;
  /** Keys are stored in order; events in that of the stream. */
  readonly isSorted?: true;
}

const uuidOf = (text: string): string => {
  const hex = hash('md5', text, 'hex');
  return [8, 13, 18, 23].reduce((id, at) => `${id.slice(0, at)}-${id.slice(at)}`, hex);
};

const KINDS: readonly Kind[] = [
  { what: 'orders, short ids', stream: 'orders', record: (event) => event },
  {
    what: 'orders, UUIDs',
    stream: 'orders',
    record: ({ orderId, txId, ...event }) => ({
      orderId: uuidOf(String(orderId)),
      ...(txId === undefined ? {} : { txId: uuidOf(String(txId)) }),
      ...event,
    }),
  },
  { what: 'logins', stream: 'logins', record: (event) => event },
  {
    what: 'clicks of a user on an ad on a day',
    stream: 'ad-clicks',
    isSorted: true,
    record: ({ userId, adId }, n) => ({
      k: JSON.stringify([userId, adId, '2017-11-26']),
      p: 0,
      a: 1_511_658_000_000,
      s: 1 + (n % 3),
    }),
  },
];

export async function measureColumns(events: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of KINDS) {
    const records = await recordsOf(kind, events);
    for (const length of [50, 1_000, 9_000]) {
      const lists = listsOf(records, length);
      const count = lists.length * length;
      const bytes = (encode: (list: readonly Value[]) => Uint8Array) =>
        lists.reduce((sum, list) => sum + encode(list).length, 0) / count;
      const asJson = bytes((list) => deflateRawSync(JSON.stringify(list)));
      const note = `${asJson.toFixed(1)} as deflated JSON`;
      const what = `${kind.what}, lists of ${length.toLocaleString('en')}`;
      rows.push(row(what, bytes(encodeGroups), 'bytes', { note, atMost: asJson }));
    }
  }
  return rows;
}

async function recordsOf({ stream, record, isSorted }: Kind, events: number): Promise<Value[]> {
  const lines = await generatedLines({ [stream]: events });
  const parsed = lines.flatMap(({ line }) => eventIn(line));
  const records = parsed.map(record);
  return isSorted ? [...new Map(records.map((each) => [keyIn(each), each])).values()] : records;
}

const keyIn = (record: Value): string => String((record as Event)['k']);

/** Lines of the sample that are no events are not measured. */
function eventIn(line: string): Event[] {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null ? [event as Event] : [];
  } catch {
    return [];
  }
}

function listsOf(records: readonly Value[], length: number): Value[][] {
  const lists: Value[][] = [];
  for (let at = 0; at + length <= records.length; at += length) {
    const list = records.slice(at, at + length);
    lists.push(keyIn(list[0] ?? null) === 'undefined' ? list : list.sort(byKey));
  }
  return lists;
}

const byKey = (a: Value, b: Value): number => Number(keyIn(a) > keyIn(b)) - 0.5;
