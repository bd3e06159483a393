/** Which events of a forwarding lane's batch its job takes, and as what they are put on its repartition stream. Pure. */
import type { StatusJob } from '../../job/statusJob.ts';
import type { Position } from '../../model/position.ts';
import { asPartitionKey, SINK_LIMITS } from '../../ports/recordSink.ts';
import type { ReadableEntry } from '../../records/entry.ts';
import { forwardedLine } from '../../records/forwarded.ts';
import type { LaneProgress } from '../intake/progress.ts';
import { type KeyedIntake, type KeyedRange, takeByKey } from './statusIntake.ts';

/** An event on its way. */
export interface Outgoing {
  /** Where it stands on its stream. */
  readonly position: Position;
  readonly partitionKey: string;
  readonly line: string;
}

export interface ForwardingIntake extends KeyedIntake {
  /** In order. All of it counts as accepted. */
  readonly outgoing: readonly Outgoing[];
}

export function takeInForwarding(
  job: StatusJob,
  start: LaneProgress,
  range: KeyedRange,
): ForwardingIntake {
  const outgoing: Outgoing[] = [];
  let bytesOut = 0;
  const intake = takeByKey(job, start, range, {
    isFull: () => bytesOut >= COMMIT_BYTES,
    accept({ key, entry, arrival }) {
      const partitionKey = asPartitionKey(key);
      const line = forwardedLine(range.stream, arrival, entry as ReadableEntry);
      const bytes = Buffer.byteLength(line) + Buffer.byteLength(partitionKey);
      if (bytes > BYTES_MAX) {
        return {
          reason: `takes ${bytes} bytes on the job's own stream, with where it came from, and at most ${BYTES_MAX} can be put there`,
        };
      }
      const { sequence, index } = entry;
      outgoing.push({ position: { sequence, index }, partitionKey, line });
      bytesOut += bytes;
      return undefined;
    },
  });
  return { ...intake, outgoing };
}

/** What one commit forwards, about: a shard takes a megabyte a second, and what is stored of it is not put again. */
const COMMIT_BYTES = 1024 * 1024;
/** What a producer's stamp takes at most: its name has up to 128 characters, two offsets and a range 80 each. */
const STAMP_BYTES_MAX = 1_024;
const BYTES_MAX = SINK_LIMITS.recordBytesMax - STAMP_BYTES_MAX;
