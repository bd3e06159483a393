/**
 * Delivers one batch until all of it is processed, as an event source mapping does.
 *
 * 1. Records are processed in order; the checkpoint never passes one that is not processed.
 * 2. A reported failure moves the checkpoint to just before the *lowest* reported record; everything from
 *    there comes again, also what the function processed behind it. An identifier that is unknown or empty fails the whole batch.
 * 3. A failed batch comes again without limit, with growing pauses; with bisect, its halves one after the other.
 */
import { compareSequences } from '../../shared/model/position.ts';
import type { MappingDefinition } from './definitions.ts';
import type { SourceRecord, Timing } from './shardSource.ts';

export interface DeliveryPorts {
  invoke(records: readonly SourceRecord[]): Promise<unknown>;
  /** Everything up to the last of these is processed. */
  onProcessed(records: readonly SourceRecord[]): void;
  onFailure(error: unknown): void;
  readonly timing: Timing;
  /** Aborts when the runner stops: what is not processed yet stays unprocessed. */
  readonly signal: AbortSignal;
}

const PAUSE_MS_FIRST = 100;
const PAUSE_MS_MAX = 10_000;

type Outcome = { readonly processed: number; readonly error?: unknown };

export async function deliver(
  batch: readonly SourceRecord[],
  mapping: Pick<MappingDefinition, 'onError' | 'onPartialFailure'>,
  ports: DeliveryPorts,
): Promise<void> {
  // Chunks still to be processed, the first one on top.
  const chunks = [batch];
  let fruitless = 0;
  while (!ports.signal.aborted) {
    const chunk = chunks.pop();
    if (chunk === undefined) return;
    const outcome = await attempt(chunk, mapping, ports);
    if (outcome.processed > 0) ports.onProcessed(chunk.slice(0, outcome.processed));
    if (outcome.error !== undefined) ports.onFailure(outcome.error);
    chunks.push(...rest(chunk, outcome, mapping.onError));
    fruitless = outcome.processed > 0 ? 0 : fruitless + 1;
    if (fruitless > 0) await ports.timing.sleep(pauseMs(fruitless), ports.signal);
  }
}

const pauseMs = (fruitless: number): number =>
  Math.min(PAUSE_MS_MAX, PAUSE_MS_FIRST * 2 ** (fruitless - 1));

/** What is left of a chunk, as chunks with the first one last. Only a batch that failed is cut in halves. */
function rest(
  chunk: readonly SourceRecord[],
  { processed, error }: Outcome,
  onError: MappingDefinition['onError'],
): (readonly SourceRecord[])[] {
  if (processed === chunk.length) return [];
  if (error === undefined || onError === 'retryWhole' || chunk.length === 1) {
    return [chunk.slice(processed)];
  }
  const middle = Math.ceil(chunk.length / 2);
  return [chunk.slice(middle), chunk.slice(0, middle)];
}

async function attempt(
  chunk: readonly SourceRecord[],
  { onPartialFailure }: Pick<MappingDefinition, 'onPartialFailure'>,
  ports: DeliveryPorts,
): Promise<Outcome> {
  try {
    const response = await ports.invoke(chunk);
    if (onPartialFailure === 'ignoreResponse') return { processed: chunk.length };
    return { processed: processedOf(chunk, reportedFailures(response)) };
  } catch (error) {
    return { processed: 0, error };
  }
}

/** No response, or one without a list, is success. */
function reportedFailures(response: unknown): readonly unknown[] {
  if (typeof response !== 'object' || response === null) return [];
  const failures: unknown = Reflect.get(response, 'batchItemFailures');
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) throw new Error('batchItemFailures is not a list');
  return failures.map((each: unknown) =>
    typeof each === 'object' && each !== null ? Reflect.get(each, 'itemIdentifier') : undefined,
  );
}

function processedOf(chunk: readonly SourceRecord[], failures: readonly unknown[]): number {
  let processed = chunk.length;
  for (const failure of failures) {
    const at = chunk.findIndex(({ sequence }) => isSame(sequence, failure));
    if (at === -1) throw new Error(`batchItemFailures names ${String(failure)}, not in the batch`);
    processed = Math.min(processed, at);
  }
  return processed;
}

const isSame = (sequence: string, identifier: unknown): boolean =>
  typeof identifier === 'string' &&
  identifier !== '' &&
  compareSequences(sequence, identifier) === 0;
