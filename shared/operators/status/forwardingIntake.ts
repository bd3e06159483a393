/**
 * Which events of a forwarding lane's batch its job takes, and as what they are put on its repartition stream. Pure.
 *
 * An event that is late is forwarded like any other, and counts as late here: what is known of its key is known elsewhere.
 */
import type { StatusJob } from '../../job/statusJob.ts';
import type { Position } from '../../model/position.ts';
import { asPartitionKey, SINK_LIMITS } from '../../ports/recordSink.ts';
import type { ReadableEntry } from '../../records/entry.ts';
import { forwardedLine } from '../../records/forwarded.ts';
import { type LaneProgress, type SideEvent, withSide } from '../intake/progress.ts';
import { mayRepeat, type PastWatermark, pastAt } from './pastWatermark.ts';
import { isLate, type KeyedIntake, type KeyedRange, takeByKey } from './statusIntake.ts';

/** An event on its way. */
export interface Outgoing {
  /** Where it stands on its stream. */
  readonly position: Position;
  readonly partitionKey: string;
  readonly line: string;
}

export interface ForwardingRange extends KeyedRange {
  /** As the lane's head has it. */
  readonly past?: PastWatermark | undefined;
}

export interface ForwardingIntake extends KeyedIntake {
  /** Where it matters to the job. */
  readonly past?: PastWatermark;
  /** In order. All of it counts as accepted, or late. */
  readonly outgoing: readonly Outgoing[];
}

export function takeInForwarding(
  job: StatusJob,
  start: LaneProgress,
  range: ForwardingRange,
): ForwardingIntake {
  const { rows, maxOutOfOrderness } = job;
  let { past } = range;
  const outgoing: Outgoing[] = [];
  const late: SideEvent[] = [];
  let bytesOut = 0;
  const intake = takeByKey(job, start, range, {
    isFull: () => bytesOut >= COMMIT_BYTES,
    arrived(arrival, watermark) {
      if (rows.of === 'problems') past = pastAt(past, arrival, watermark, rows.remember);
    },
    accept({ key, entry, at, watermark, arrival }) {
      const partitionKey = asPartitionKey(key);
      const repeats =
        past !== undefined && !entry.redriven && mayRepeat(past, at, maxOutOfOrderness);
      const isBehind = repeats || isLate(job, at, watermark);
      const from = { stream: range.stream, arrival, isLate: isBehind };
      const line = forwardedLine(from, entry as ReadableEntry);
      const bytes = Buffer.byteLength(line) + Buffer.byteLength(partitionKey);
      if (bytes > BYTES_MAX) {
        return {
          reason: `takes ${bytes} bytes on the job's own stream, with where it came from, and at most ${BYTES_MAX} can be put there`,
        };
      }
      const { sequence, index } = entry;
      outgoing.push({ position: { sequence, index }, partitionKey, line });
      bytesOut += bytes;
      if (isBehind) late.push({ kind: 'late', entry, watermark, eventTime: at });
      return undefined;
    },
  });
  return { ...withSide(intake, late), outgoing, ...(past ? { past } : {}) };
}

/** What one commit forwards, about: a shard takes a megabyte a second, and what is stored of it is not put again. */
const COMMIT_BYTES = 1024 * 1024;
/** What a producer's stamp takes at most: its name has up to 128 characters, two offsets and a range 80 each. */
const STAMP_BYTES_MAX = 1_024;
const BYTES_MAX = SINK_LIMITS.recordBytesMax - STAMP_BYTES_MAX;
