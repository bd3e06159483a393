/** Lists of any length: in groups, each a list by columns, since one of those has its limits. */
import { InvariantViolation } from '../../errors.ts';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { Value } from '../../ports/table.ts';
import { valueWeight } from '../../ports/valueWeight.ts';
import { decodeColumns, encodeColumns } from './columns.ts';

/** Of a group, in memory; its last record may take more. A value takes 16 at least, so a group has half a million at most. */
const WEIGHT_MAX = 8 * 1024 * 1024;

/** Equal lists give equal bytes. */
export function encodeGroups(records: readonly Value[]): Uint8Array {
  const writer = new ByteWriter();
  writer.unsigned(records.length);
  for (let from = 0; from < records.length; ) {
    let to = from;
    for (let weight = 0; to < records.length && weight < WEIGHT_MAX; to += 1) {
      weight += valueWeight(records[to] as Value);
    }
    const group = encodeColumns(records.slice(from, to));
    writer.unsigned(group.length);
    writer.bytes(group);
    from = to;
  }
  return writer.finish();
}

/** Throws InvariantViolation for bytes that `encodeGroups` did not write. */
export function* decodeGroups(stored: Uint8Array): Generator<Value> {
  const reader = new ByteReader(stored);
  let left = reader.unsigned();
  while (!reader.isAtEnd) {
    const group = decodeColumns(reader.bytes(reader.unsigned()));
    left -= group.length;
    yield* group;
  }
  if (left !== 0)
    throw new InvariantViolation(`a stored list lacks ${left} records: it is damaged`);
}
