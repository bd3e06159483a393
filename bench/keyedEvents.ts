/** Generated events of the keyed jobs, in the order in which they arrive, as their producers send them. */
import { generateEvents } from '../inputs/generate/generateEvents.ts';
import { interleave } from '../inputs/interleave.ts';
import type { Line } from './records.ts';

/** The generator's events of one stream take three hours, however many they are. */
const SEED = 1;

export interface KeyedLine extends Line {
  readonly stream: string;
}

export interface Share {
  readonly stream: string;
  readonly events: number;
}

/** Several streams come as they would at the same time. */
export async function generatedLines(shares: readonly Share[]): Promise<KeyedLine[]> {
  const lines: KeyedLine[] = [];
  let arrivalMs = 0;
  for await (const { stream, line, partitionKey, eventTimeMs } of interleave(
    shares.map(eventsOf),
  )) {
    arrivalMs = Math.max(arrivalMs, eventTimeMs ?? 0);
    lines.push({ stream, line, partitionKey, arrivalMs });
  }
  return lines;
}

async function* eventsOf({ stream, events }: Share) {
  for (const event of generateEvents(stream, { seed: SEED, events })) yield { ...event, stream };
}
