/**
 * What a job's forwarding lanes put on its repartition stream, a line each. Owns how that is written and read back; what follows
 * from it is `operators/status`'s.
 *
 *     {"s":"orders","a":1767603600000,"e":{"type":"pay","orderId":"7","txId":"b1","timestamp":1767603599000}}
 *     {"s":"orders","w":1767603598999,"v":1767603600000}
 *     {"f":1767603590000}
 *
 * An event is as it stood on its stream `s`, with the arrival clock `a` of its source's lane at the event, and `l` where it counts as late there.
 * Progress says how far that lane has come behind all events before it: its watermark, and when its last valid event arrived. Whose it is,
 * says the record's producer. The frontier `f` is a time of arrival: no event that arrived before is still to come, from any source.
 */
import type { StreamName } from '../model/lane.ts';
import {
  type ArrivalTime,
  arrivalTime,
  NO_WATERMARK,
  type Watermark,
  watermarkAt,
} from '../model/time.ts';
import type { ReadableEntry } from './entry.ts';

export interface ForwardedEvent {
  readonly kind: 'event';
  readonly stream: StreamName;
  readonly arrival: ArrivalTime;
  /** Whether it counts as late where it came from. */
  readonly isLate: boolean;
  /** The event as it came. */
  readonly value: unknown;
}

export interface SourceProgress {
  readonly kind: 'progress';
  readonly stream: StreamName;
  readonly watermark: Watermark;
  /** Of the last valid event; undefined where there was none since the progress before. */
  readonly arrival: ArrivalTime | undefined;
}

export interface SourceFrontier {
  readonly kind: 'frontier';
  readonly at: ArrivalTime;
}

export function forwardedLine(
  { stream, arrival, isLate }: Pick<ForwardedEvent, 'stream' | 'arrival' | 'isLate'>,
  { raw, value }: Pick<ReadableEntry, 'raw' | 'value'>,
): string {
  const event = isOneLine(raw) ? raw : JSON.stringify(value);
  return `{"s":${JSON.stringify(stream)},"a":${arrival},${isLate ? '"l":1,' : ''}"e":${event}}`;
}

export const frontierLine = (at: ArrivalTime): string => JSON.stringify({ f: at });

export const progressLine = ({
  stream,
  watermark,
  arrival,
}: Omit<SourceProgress, 'kind'>): string =>
  JSON.stringify({ s: stream, w: watermark === NO_WATERMARK ? null : watermark, v: arrival });

/** Undefined for what no forwarding lane has put. */
export function readForwarded(
  value: unknown,
): ForwardedEvent | SourceProgress | SourceFrontier | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { s, a, l, e, w, v, f } = value as Readonly<Record<string, unknown>>;
  if (isTime(f)) return { kind: 'frontier', at: arrivalTime(f) };
  if (typeof s !== 'string') return undefined;
  if (isTime(a)) {
    return { kind: 'event', stream: s, arrival: arrivalTime(a), isLate: l !== undefined, value: e };
  }
  if (!(w === null || isTime(w)) || !(v === undefined || isTime(v))) return undefined;
  return {
    kind: 'progress',
    stream: s,
    watermark: w === null ? NO_WATERMARK : watermarkAt(w),
    arrival: v === undefined ? undefined : arrivalTime(v),
  };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value);

const BYTE_ORDER_MARK = 0xfeff;

/** Most often an event's own text is what its value would be written as, and is there already. */
const isOneLine = (raw: string | Uint8Array): raw is string =>
  typeof raw === 'string' && raw.charCodeAt(0) !== BYTE_ORDER_MARK && !raw.includes('\n');
