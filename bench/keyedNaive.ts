/**
 * The design that keyed jobs are compared with: for every event one read and one write of its key's row, and no timers.
 * It counts twice what is delivered twice, and loses an update where two functions write one row.
 */
import type { Key, Table, Value } from '../shared/ports/table.ts';
import type { KeyedLine } from './keyedEvents.ts';

type Attributes = Readonly<Record<string, Value>>;

/** What an event reads and writes. */
interface NaiveWork {
  /** The row that the event is merged into. */
  readonly row: Key;
  /** A counter that the event raises unread. */
  readonly counter?: Key;
}

export type NaiveWorkOf = (event: Attributes) => NaiveWork | undefined;

const SLICE_MS = 300_000;
const DAY_MS = 86_400_000;

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const partOf = (timestamp: Value | undefined, width: number): number =>
  Math.floor(Number(timestamp) / width);

const rowNamed = (name: Value | undefined): NaiveWork | undefined =>
  text(name) === '' ? undefined : { row: { pk: text(name), sk: 'row' } };

export const naiveOrderTimeout: NaiveWorkOf = ({ orderId }) => rowNamed(orderId);
export const naiveOrderReconcile: NaiveWorkOf = ({ txId }) => rowNamed(txId);
export const naiveLoginFail: NaiveWorkOf = ({ userId }) => rowNamed(userId);

export const naiveAdBlacklist: NaiveWorkOf = ({ userId, adId, province, timestamp }) => ({
  row: { pk: `${text(userId)}#${text(adId)}`, sk: String(partOf(timestamp, DAY_MS)) },
  counter: { pk: `clicks#${text(province)}`, sk: String(partOf(timestamp, SLICE_MS)) },
});

export async function runNaiveKeyed(
  table: Table,
  workOf: NaiveWorkOf,
  lines: readonly KeyedLine[],
): Promise<void> {
  let events = 0;
  for (const { line } of lines) {
    const event = eventIn(String(line));
    const work = event && workOf(event);
    if (!work) continue;
    events += 1;
    const { row, counter } = work;
    const before = await table.get(row, 'strong');
    await table.put({ ...before, ...event, ...row }, { kind: 'always' });
    if (counter) await table.update(counter, { count: events }, { kind: 'always' });
  }
}

function eventIn(line: string): Attributes | undefined {
  try {
    return JSON.parse(line) as Attributes;
  } catch {
    return undefined;
  }
}
