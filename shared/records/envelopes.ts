/**
 * Events of our own making: a dead letter put back on its stream, a line of a file that could not be read, and an event that a
 * source's `decode` gave. Owns how they are written and recognized, not what becomes of them.
 *
 * A redriven dead letter carries the job it is for, where it first stood and which commit holds it: other jobs skip it, its own
 * job admits each origin once, and only where that commit does hold that letter. It never moves a lane's clock.
 */
import * as z from 'zod';
import type { JobId } from '../model/lane.ts';

export interface RedriveOrigin {
  readonly job: JobId;
  /** `<stream>/<shard>` and position where the event was dead-lettered: names it for ever. */
  readonly lane: string;
  readonly position: string;
  /** Of the commit that holds it. Envelopes of earlier versions do not say, and are refused. */
  readonly slot: number | undefined;
}

/** A dead letter that came back, as all the entries have it in common that are read from it. */
export interface Redriven {
  readonly origin: RedriveOrigin;
  /** Index in the record of the first of its entries. */
  readonly first: number;
  /** The letter itself. */
  readonly payload: Uint8Array;
  /** What it came in. */
  readonly envelope: string;
}

const ENVELOPE = 'tidemark:redrive';

/** Anybody can put an envelope on a stream, and its origin becomes a key: nothing but a real origin passes. */
const envelopeSchema = z.object({
  [ENVELOPE]: z.object({
    job: z.string().regex(/^[a-z0-9-]{1,128}@\d{1,15}$/),
    lane: z.string().regex(/^[\w.-]{1,128}\/[\w.-]{1,128}$/),
    position: z.string().regex(/^\d{1,128}\/\d{1,10}$/),
    slot: z.int().nonnegative().optional(),
  }),
  data: z.base64(),
});

/** The record data that puts a dead letter back. */
export function encodeRedriven(origin: RedriveOrigin, raw: Uint8Array): Uint8Array {
  const { job, lane, position, slot } = origin;
  const envelope = { job, lane, position, slot };
  return Buffer.from(
    JSON.stringify({ [ENVELOPE]: envelope, data: Buffer.from(raw).toString('base64') }),
  );
}

/** Cheap test before the schema: almost no event is an envelope. */
export const looksRedriven = (value: object): boolean => Object.hasOwn(value, ENVELOPE);

/** Origin and raw bytes of an envelope; undefined where it is malformed. */
export function decodeRedriven(value: unknown): Pick<Redriven, 'origin' | 'payload'> | undefined {
  const parsed = envelopeSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { job, lane, position, slot } = parsed.data[ENVELOPE];
  return {
    origin: { job, lane, position, slot },
    payload: Buffer.from(parsed.data.data, 'base64'),
  };
}

/** Whether a dead letter is an envelope that was refused: a copy of some other letter, and none that can come back. */
export function isEnvelope(raw: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(raw).toString('utf8'));
    return typeof value === 'object' && value !== null && looksRedriven(value);
  } catch {
    return false;
  }
}

/**
 * A line of a file that its reader could not make an event of goes to the stream in an envelope that says why, since only the
 * reader knew how the line should have looked; every job dead-letters it with that reason.
 */
const UNREADABLE = 'tidemark:unreadable';

const REASON_LENGTH_MAX = 500;

export const encodeUnreadable = (line: string, reason: string): string =>
  JSON.stringify({ [UNREADABLE]: reason, line });

/** The reader's reason, where the value is such an envelope. */
export function unreadableReason(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, UNREADABLE)) {
    return undefined;
  }
  const reason: unknown = Reflect.get(value, UNREADABLE);
  return typeof reason === 'string' ? reason.slice(0, REASON_LENGTH_MAX).toWellFormed() : undefined;
}

/** The line that could not be read, where the value is such an envelope. */
export function unreadableLine(value: object): string | undefined {
  const line: unknown = Object.hasOwn(value, UNREADABLE) ? Reflect.get(value, 'line') : undefined;
  return typeof line === 'string' ? line : undefined;
}

/** All envelopes of our own begin like this: no source's `decode` is asked about them. */
const OWN_BEGIN = Buffer.from('{"tidemark:');

export const isOwnEnvelope = (data: Uint8Array): boolean =>
  OWN_BEGIN.equals(data.subarray(0, OWN_BEGIN.length));

/** One of several events that a source's `decode` gave, as it is kept: so that it can come back without the others. */
const DECODED = 'tidemark:decoded';

/** Throws TypeError for a value that JSON cannot hold. */
export function encodeDecoded(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('it gave a value that JSON cannot hold');
  return `{"${DECODED}":${text}}`;
}

/** The event, where the value is such an envelope; else the value. */
export const decodedValue = (value: object): unknown =>
  Object.hasOwn(value, DECODED) ? Reflect.get(value, DECODED) : value;
