/** Events as lines, and realistic records of them: packed, with sequence numbers of 56 digits. */
import type { StreamName } from '../shared/model/lane.ts';
import { arrivalTime } from '../shared/model/time.ts';
import type { StreamRecord } from '../shared/records/entry.ts';

/** Events per packed record: what the producer puts into 20 KB or so. */
export const PACKED = 200;

/** An event as its producer sends it. */
export interface Line {
  readonly stream: StreamName;
  readonly line: string;
  readonly partitionKey: string;
  /** When it reaches the stream, in epoch milliseconds; a record arrives with the last of its events. */
  readonly arrivalMs: number;
}

const SEQUENCE_START = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575n * 10n ** 12n;
const SEQUENCE_STEP = 3_489_661_234n;

type Packer = (
  lines: readonly Line[],
  linesEach: number,
  write?: (texts: readonly string[]) => Uint8Array,
) => StreamRecord[];

/** Makes records of so many lines each, in order, with numbers of its own that grow as a shard's do. */
export function packer(): Packer {
  let issued = 0n;
  return (lines, linesEach, write = (texts) => Buffer.from(texts.join('\n'))) =>
    [...batchesOf(lines, linesEach)].map((packed) => {
      const { arrivalMs, partitionKey } = packed.at(-1) as Line;
      issued += 1n;
      return {
        sequence: String(SEQUENCE_START + issued * SEQUENCE_STEP),
        arrival: arrivalTime(arrivalMs),
        partitionKey,
        data: write(packed.map(({ line }) => line)),
      };
    });
}

export function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
