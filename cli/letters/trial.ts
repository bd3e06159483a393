/**
 * Which dead letters would be dead again, as far as their job can tell without its state: it takes them in memory, in a state of
 * its own, as its function will from the stream.
 */
import { memoryPorts } from '../../shared/adapters/memory/memoryPorts.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import { createEngine } from '../../shared/engine.ts';
import type { Job } from '../../shared/job/job.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { parsePosition } from '../../shared/model/position.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../../shared/runtime/settings.ts';
import { readSideEvents } from '../../shared/state/inspect.ts';

export interface TrialLetter {
  readonly stream: StreamName;
  readonly partitionKey: string;
  readonly payload: Uint8Array;
}

/** Held in memory at once. */
const LETTERS_MAX = 500;
const BYTES_MAX = 6 * 1024 * 1024;

/** Each letter with the reason for which it would be dead again, or undefined. */
export async function* tried<Letter extends TrialLetter>(
  job: Job,
  letters: AsyncIterable<Letter>,
): AsyncGenerator<readonly [Letter, string | undefined]> {
  let held: Letter[] = [];
  let bytes = 0;
  for await (const letter of letters) {
    held.push(letter);
    bytes += letter.payload.length;
    if (held.length < LETTERS_MAX && bytes < BYTES_MAX) continue;
    yield* await outcomesOf(job, held);
    held = [];
    bytes = 0;
  }
  if (held.length > 0) yield* await outcomesOf(job, held);
}

async function outcomesOf<Letter extends TrialLetter>(
  job: Job,
  letters: readonly Letter[],
): Promise<(readonly [Letter, string | undefined])[]> {
  const now = systemClock.now();
  const ports = memoryPorts(job, { clock: { now: () => now } });
  const { ingest } = createEngine(job, ports, DEFAULT_SETTINGS);
  // Which of them a dead one was, says its sequence number.
  const numbered = letters.map(({ stream, partitionKey, payload }, at) => ({
    stream,
    record: { sequence: String(at + 1), arrival: arrivalTime(now), partitionKey, data: payload },
  }));
  for (const [stream, group] of Map.groupBy(numbered, (each) => each.stream)) {
    await ingest({ stream, shard: 'trial', records: group.map(({ record }) => record) });
  }
  const reasons = new Map<number, string>();
  for await (const { kind, position, reason = '' } of readSideEvents(job.id, ports.state)) {
    const at = Number(parsePosition(position)?.sequence) - 1;
    if (kind === 'dead' && !reasons.has(at)) reasons.set(at, reason);
  }
  return letters.map((letter, at) => [letter, reasons.get(at)]);
}
