/**
 * The design that Tidemark is compared with: for every event one UpdateItem per counter it changes, on one per id and slice;
 * in keyed jobs one read and one write of its key's row, and no timers. It counts twice what is delivered twice, and loses an
 * update where two functions write one row; nothing in this file makes up for that.
 */
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, type UnitMeter, unitMeter } from '../shared/adapters/meteredTable.ts';
import type { Key, Value } from '../shared/ports/table.ts';
import { stateTable } from '../shared/state/keys.ts';
import type { Line } from './records.ts';

type Attributes = Readonly<Record<string, Value>>;

/** What an event reads and writes. */
interface NaiveWork {
  /** The row that the event is merged into. */
  readonly row?: Key;
  /** Those that the event raises unread. */
  readonly counters?: readonly Key[];
}

export type NaiveWorkOf = (event: Attributes) => NaiveWork;

const SLICE_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const partOf = (timestamp: Value | undefined, width: number): string =>
  String(Math.floor(Number(timestamp) / width));

export const naiveHotItems: NaiveWorkOf = ({ itemId, categoryId, behavior, timestamp }) => {
  const slice = `${text(behavior)}#${partOf(timestamp, SLICE_MS)}`;
  const [item, category] = [text(itemId), text(categoryId)];
  return {
    counters: [
      { pk: `items:${slice}`, sk: item },
      { pk: `categories:${slice}`, sk: category },
    ],
  };
};

export const naivePv: NaiveWorkOf = ({ behavior, timestamp }) =>
  behavior === 'pv' ? { counters: [{ pk: `pv#${partOf(timestamp, HOUR_MS)}`, sk: 'count' }] } : {};

export const naivePvUv: NaiveWorkOf = (event) => {
  const { counters } = naivePv(event);
  if (!counters) return {};
  const visitor = { pk: `uv#${partOf(event['timestamp'], HOUR_MS)}`, sk: text(event['userId']) };
  return { counters: [...counters, visitor] };
};

/** The row that this attribute names. */
export const naiveRowOf =
  (attribute: string): NaiveWorkOf =>
  ({ [attribute]: name }) =>
    text(name) === '' ? {} : { row: { pk: text(name), sk: 'row' } };

export const naiveAdBlacklist: NaiveWorkOf = ({ userId, adId, province, timestamp }) => ({
  row: { pk: `${text(userId)}#${text(adId)}`, sk: partOf(timestamp, DAY_MS) },
  counters: [{ pk: `clicks#${text(province)}`, sk: partOf(timestamp, SLICE_MS) }],
});

export const naiveProfile: NaiveWorkOf = ({ userId, timestamp }) =>
  text(userId) === '' ? {} : { row: { pk: text(userId), sk: partOf(timestamp, DAY_MS) } };

/** That a user did something in a category and hour, and in all; the rest is counted when somebody asks. */
export const naiveFunnel: NaiveWorkOf = ({ userId, categoryId, behavior, timestamp }) => ({
  counters: ['all', text(categoryId)].map((category) => ({
    pk: `${category}#${partOf(timestamp, HOUR_MS)}`,
    sk: `${text(behavior)}#${text(userId)}`,
  })),
});

/** What the events cost in this design. */
export async function naiveUnits(workOf: NaiveWorkOf, lines: readonly Line[]): Promise<UnitMeter> {
  const meter = unitMeter();
  const table = meteredTable(memoryTable(stateTable('state')), meter);
  let count = 0;
  for (const { line } of lines) {
    const event = eventIn(line);
    if (!event) continue;
    const { row, counters = [] } = workOf(event);
    count += 1;
    if (row) {
      const before = await table.get(row, 'strong');
      await table.put({ ...before, ...event, ...row }, { kind: 'always' });
    }
    for (const key of counters) await table.update(key, { count }, { kind: 'always' });
  }
  return meter;
}

function eventIn(line: string): Attributes | undefined {
  try {
    return JSON.parse(line) as Attributes;
  } catch {
    return undefined;
  }
}
