/** What a commit of a repartition stream's lane says of its sources: columns, so that one more costs some ten bytes. */
import { InvariantViolation } from '../../errors.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../model/time.ts';
import type { SourceClock, SourceClocks } from '../../operators/status/sourceClocks.ts';
import type { Value } from '../../ports/table.ts';
import { decodeColumns, encodeColumns } from '../columns/columns.ts';

interface StoredClock {
  readonly [name: string]: Value;
  /** By what name the source puts. */
  readonly n: string;
  /** The arrival of its last record (ms). */
  readonly a: number;
  /** Its watermark (ms), behind that. */
  readonly w?: number;
}

/** Equal clocks give equal bytes. */
export const storedSources = (sources: SourceClocks): Uint8Array =>
  encodeColumns([...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(storedForm));

function storedForm([n, { arrival, watermark }]: readonly [string, SourceClock]): StoredClock {
  return { n, a: arrival, ...(watermark === NO_WATERMARK ? {} : { w: arrival - watermark }) };
}

/** Throws InvariantViolation for bytes that `storedSources` did not write. */
export function sourcesFrom(stored: Value): SourceClocks {
  if (!(stored instanceof Uint8Array)) throw damaged();
  return new Map(decodeColumns(stored).map(clockOf));
}

function clockOf(record: Value): [string, SourceClock] {
  const { n, a, w } = record as StoredClock;
  if (typeof n !== 'string' || typeof a !== 'number' || !(w === undefined || typeof w === 'number'))
    throw damaged();
  const watermark = w === undefined ? NO_WATERMARK : watermarkAt(a - w);
  return [n, { arrival: arrivalTime(a), watermark }];
}

const damaged = (): InvariantViolation =>
  new InvariantViolation('stored clocks of sources hold something else: the item is damaged');
