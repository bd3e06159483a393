/**
 * The stored form of slices: a list of (slice, edition, events, encoded accumulator), deflated. Commits hold
 * one, pages hold one.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Aggregator } from '../../aggregates/aggregator.ts';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { eventTime } from '../../model/time.ts';
import { type Edition, PLAIN_EDITION, type Slice } from '../../model/window.ts';

export interface SliceContent {
  /** Start of the slice, or of the range of slices where a page holds a roll-up. */
  readonly slice: Slice;
  readonly edition: Edition;
  readonly events: number;
  readonly bytes: Uint8Array;
}

export function encodeAccumulator(
  aggregate: Aggregator<unknown, unknown, unknown>,
  accumulator: unknown,
): Uint8Array {
  const writer = new ByteWriter();
  aggregate.encode(accumulator, writer);
  return writer.finish();
}

/** Sorted by slice and edition, so that equal contents give equal bytes. */
export function encodeContents(contents: readonly SliceContent[]): Uint8Array {
  const sorted = [...contents].sort((a, b) => a.slice - b.slice || a.edition - b.edition);
  const writer = new ByteWriter();
  writer.unsigned(sorted.length);
  let previous = 0;
  for (const { slice, edition, events, bytes } of sorted) {
    writer.signed(slice - previous);
    writer.unsigned(edition === PLAIN_EDITION ? 0 : edition - slice);
    writer.unsigned(events);
    writer.unsigned(bytes.length);
    previous = slice;
  }
  for (const { bytes } of sorted) writer.bytes(bytes);
  return deflateRawSync(writer.finish());
}

export function decodeContents(stored: Uint8Array): SliceContent[] {
  const reader = new ByteReader(inflateRawSync(stored));
  const heads: { slice: Slice; edition: Edition; events: number; length: number }[] = [];
  let previous = 0;
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    const slice = eventTime(previous + reader.signed());
    const ahead = reader.unsigned();
    heads.push({
      slice,
      edition: ahead === 0 ? PLAIN_EDITION : eventTime(slice + ahead),
      events: reader.unsigned(),
      length: reader.unsigned(),
    });
    previous = slice;
  }
  return heads.map(({ length, ...head }) => ({ ...head, bytes: reader.bytes(length) }));
}
