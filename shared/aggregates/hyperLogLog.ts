/**
 * Distinct ids, estimated: HyperLogLog with 2^14 registers, standard error 1.04 / sqrt(2^14) = 0.81 %, and
 * linear counting while few registers are set. Source: Flajolet et al. 2007, "HyperLogLog: the analysis of
 * a near-optimal cardinality estimation algorithm".
 */
import type { Aggregator } from './aggregator.ts';
import { hash64 } from './fingerprint.ts';

const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
/** Relative standard error of the estimate. */
export const HYPER_LOG_LOG_ERROR = 1.04 / Math.sqrt(REGISTERS);

export type Registers = Uint8Array;

export function hyperLogLog<Event>(
  idOf: (event: Event) => string,
): Aggregator<Event, Registers, number> {
  return {
    codec: `hyperLogLog(${INDEX_BITS})`,
    init: () => new Uint8Array(REGISTERS),
    add(into, event) {
      const { high, low } = hash64(idOf(event));
      const index = high >>> (32 - INDEX_BITS);
      const rank = Math.clz32(low) + 1;
      if (rank > (into[index] as number)) into[index] = rank;
    },
    result: estimate,
    encode(registers, writer) {
      const set = [...registers.keys()].filter((index) => registers[index] !== 0);
      writer.unsigned(set.length);
      let previous = 0;
      for (const index of set) {
        writer.unsigned(index - previous);
        previous = index;
      }
      for (const index of set) writer.byte(registers[index] as number);
    },
    decodeInto(reader, into) {
      const count = reader.unsigned();
      const indexes = new Uint16Array(count);
      let previous = 0;
      for (let i = 0; i < count; i += 1) {
        previous += reader.unsigned();
        indexes[i] = previous;
      }
      for (const index of indexes) into[index] = Math.max(into[index] as number, reader.byte());
    },
  };
}

function estimate(registers: Registers): number {
  let inverseSum = 0;
  let zeros = 0;
  for (const rank of registers) {
    inverseSum += 2 ** -rank;
    if (rank === 0) zeros += 1;
  }
  const raw = (ALPHA * REGISTERS * REGISTERS) / inverseSum;
  const isSmall = raw <= 2.5 * REGISTERS && zeros > 0;
  return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / zeros) : raw);
}
