/** Generated events of all streams, as files and as what clients put. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInput } from '../../inputs/readInput.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { SAMPLES, SEED, STREAMS } from '../deploy/inputs.ts';
import { tidemark } from '../support/tidemark.ts';

export type Event = readonly [partitionKey: string, line: string];

/** As many as tell; a click farm shows late. The receipts go with the orders. */
const sizeOf = (stream: StreamName): number =>
  Math.ceil((SAMPLES[stream] ?? 0) / (stream === 'ad-clicks' ? 1 : 3));

export const sampleFile = (folder: string, stream: StreamName): string =>
  join(folder, `${stream}.jsonl`);

export async function writeSamples(folder: string): Promise<void> {
  const write = async (stream: StreamName) => {
    const options = ['--seed', String(SEED), '--events', String(sizeOf(stream))];
    const { out } = await tidemark(['generate', stream, ...options]);
    writeFileSync(sampleFile(folder, stream), out);
  };
  await Promise.all(STREAMS.map(write));
}

/** In their order, each with the partition key that a producer gives it. */
export async function sampleEvents(folder: string, stream: StreamName): Promise<Event[]> {
  const events: Event[] = [];
  const read = readInput(stream, sampleFile(folder, stream), { timeUnit: 'ms' });
  for await (const { partitionKey, line } of read) events.push([partitionKey, String(line)]);
  return events;
}
