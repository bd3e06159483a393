/**
 * A dead letter put back on its stream. It carries the job it is for and where it first stood: other jobs
 * skip it, its own job admits each origin once, and judges its lateness by the watermark that it met then.
 * It never moves a lane's clock.
 */
import * as z from 'zod';
import type { JobId } from '../model/lane.ts';
import { NO_WATERMARK, type Watermark, watermarkAt } from '../model/time.ts';

export interface RedriveOrigin {
  readonly job: JobId;
  /** `<stream>/<shard>` and position where the event was dead-lettered: names it for ever. */
  readonly lane: string;
  readonly position: string;
  readonly watermark: Watermark;
}

const ENVELOPE = 'tidemark:redrive';

/** Anybody can put an envelope on a stream, and its origin becomes a key: nothing but a real origin passes. */
const envelopeSchema = z.object({
  [ENVELOPE]: z.object({
    job: z.string().regex(/^[a-z0-9-]{1,128}@\d{1,15}$/),
    lane: z.string().regex(/^[\w.-]{1,128}\/[\w.-]{1,128}$/),
    position: z.string().regex(/^\d{1,128}\/\d{1,10}$/),
    watermark: z.int().nullable(),
  }),
  data: z.base64(),
});

/** The record data that puts a dead letter back. */
export function encodeRedriven(origin: RedriveOrigin, raw: Uint8Array): Uint8Array {
  const watermark = origin.watermark === NO_WATERMARK ? null : origin.watermark;
  const envelope = { ...origin, watermark };
  return Buffer.from(
    JSON.stringify({ [ENVELOPE]: envelope, data: Buffer.from(raw).toString('base64') }),
  );
}

/** Cheap test before the schema: almost no event is an envelope. */
export const looksRedriven = (value: object): boolean => Object.hasOwn(value, ENVELOPE);

/** Origin and raw bytes of an envelope; undefined where it is malformed. */
export function decodeRedriven(value: unknown): { origin: RedriveOrigin; raw: Buffer } | undefined {
  const parsed = envelopeSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { watermark, ...origin } = parsed.data[ENVELOPE];
  return {
    origin: { ...origin, watermark: watermark === null ? NO_WATERMARK : watermarkAt(watermark) },
    raw: Buffer.from(parsed.data.data, 'base64'),
  };
}
