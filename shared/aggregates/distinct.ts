/**
 * Distinct ids, exactly: integer ids as they are, other ids as 64-bit fingerprints. Two different texts
 * share a fingerprint with probability 2^-64; among 2 million texts any two do with about 10^-7.
 *
 * Owns: what stands for an id. Does not own: which texts are integers (`model/ids.ts`), and how a text becomes 64 bits
 * (`fingerprint.ts`).
 */
import { type CompactId, compactId } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';
import { fingerprint } from './fingerprint.ts';
import { readIds, writeIds } from './idRuns.ts';

export interface DistinctIds {
  readonly integers: Set<number>;
  /** Fingerprints, each as a text of four UTF-16 units: 64 bits that a Set compares by value. */
  readonly fingerprints: Set<string>;
}

const UNITS = 4;

/**
 * How many different ids there are.
 *
 * State: an entry an id: of whole numbers below 10^15 the gap to the one before, a byte or two; 8 bytes of any other.
 * Exact: for ids that are such numbers. Other ids are kept as 64-bit fingerprints: among 2 million of them, two share one with
 * a probability of about 10^-7, and count once.
 * @param idOf the id of an event
 * @example distinct((view: View) => view.userId)
 */
export function distinct<Event>(
  idOf: (event: Event) => string,
): Aggregator<Event, DistinctIds, number> {
  return {
    codec: 'distinct',
    init: () => ({ integers: new Set(), fingerprints: new Set() }),
    add(into, event) {
      const id: CompactId = compactId(idOf(event));
      if (typeof id === 'number') into.integers.add(id);
      else into.fingerprints.add(fingerprint(id));
    },
    result: ({ integers, fingerprints }) => integers.size + fingerprints.size,
    encode({ integers, fingerprints }, writer) {
      writeIds(integers, integers.size, writer);
      writer.unsigned(fingerprints.size);
      for (const print of [...fingerprints].sort()) {
        for (let unit = 0; unit < UNITS; unit += 1) {
          const code = print.charCodeAt(unit);
          writer.byte(code >>> 8);
          writer.byte(code & 0xff);
        }
      }
    },
    decodeInto(reader, into) {
      for (const id of readIds(reader)) into.integers.add(id as number);
      for (let left = reader.unsigned(); left > 0; left -= 1) {
        const bytes = reader.bytes(UNITS * 2);
        const codes = Array.from(
          { length: UNITS },
          (_, unit) => ((bytes[unit * 2] as number) << 8) | (bytes[unit * 2 + 1] as number),
        );
        into.fingerprints.add(String.fromCharCode(...codes));
      }
    },
  };
}
