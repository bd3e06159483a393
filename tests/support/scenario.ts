/**
 * Inputs of a job as a list: events, and what happens to them on the way. The same list is played with any
 * batch size; markers end a batch, since they are about a moment.
 */
import { RetryableError } from '../../shared/errors.ts';
import type { WindowJob } from '../../shared/job/job.ts';
import { isoTime } from '../../shared/model/time.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { readLanes } from '../../shared/state/inspect.ts';
import { TestEngine } from './engine.ts';
import type { Call } from './interceptedTable.ts';
import { type RecordContent, streamRecords } from './records.ts';

type Marker =
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
  | { readonly kind: 'redeliver'; readonly records: number }
  | { readonly kind: 'watermark'; readonly time: string }
  | { readonly kind: 'close' };

class Step {
  readonly marker: Marker;
  constructor(marker: Marker) {
    this.marker = marker;
  }
}

/** The function dies before or after the next write of a commit; Lambda delivers the batch again. */
export const crash = (when: 'before' | 'after') => new Step({ kind: 'crash', when });
/** The last so many records come once more. */
export const redeliver = (records: number) => new Step({ kind: 'redeliver', records });
/** The lane's watermark must be here now. */
export const watermark = (time: string) => new Step({ kind: 'watermark', time });
/** `closeWindows` runs, so that later events may have to revise rows. */
export const close = () => new Step({ kind: 'close' });

export type ScenarioStep = RecordContent | Step;
export type BatchSize = number | 'all';

export interface Outcome {
  readonly engine: TestEngine;
  /** Watermarks that were not where the scenario said. */
  readonly surprises: readonly string[];
}

export async function play(
  job: WindowJob,
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
): Promise<Outcome> {
  const player = new Player(job, batchSize === 'all' ? Number.POSITIVE_INFINITY : batchSize);
  for (const step of steps) {
    if (step instanceof Step) await player.obey(step.marker);
    else await player.take(step);
  }
  await player.finish();
  return { engine: player.engine, surprises: player.surprises };
}

class Player {
  readonly engine: TestEngine;
  readonly surprises: string[] = [];
  readonly #batchSize: number;
  readonly #delivered: StreamRecord[] = [];
  #open: StreamRecord[] = [];
  #crash: 'before' | 'after' | undefined;

  constructor(job: WindowJob, batchSize: number) {
    this.#batchSize = batchSize;
    this.engine = new TestEngine(job, {
      onState: {
        before: (call) => this.#dieAt('before', call),
        after: (call) => this.#dieAt('after', call),
      },
    });
  }

  async take(content: RecordContent): Promise<void> {
    const first = this.#delivered.length + this.#open.length;
    this.#open.push(...streamRecords([content], { first }));
    if (this.#open.length >= this.#batchSize) await this.#deliverOpen();
  }

  async obey(marker: Marker): Promise<void> {
    await this.#deliverOpen();
    switch (marker.kind) {
      case 'crash':
        this.#crash = marker.when;
        return;
      case 'redeliver':
        await this.#deliver(this.#delivered.slice(-marker.records));
        return;
      case 'close':
        await this.engine.closer.run('schedule');
        return;
      case 'watermark': {
        const [lane] = await readLanes(this.engine.job.id, this.engine.state);
        const at = lane ? isoTime(lane.watermark) : 'nowhere';
        if (at !== marker.time) this.surprises.push(`expected ${marker.time}, was ${at}`);
      }
    }
  }

  async finish(): Promise<void> {
    await this.#deliverOpen();
    await this.engine.closer.run('endOfInput');
  }

  async #deliverOpen(): Promise<void> {
    const batch = this.#open;
    this.#open = [];
    if (batch.length > 0) await this.#deliver(batch);
    this.#delivered.push(...batch);
  }

  /** As Lambda does: until it works, to a cold function after a failure. */
  async #deliver(batch: readonly StreamRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.engine.ingest(batch);
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        this.engine.coldStart();
      }
    }
  }

  #dieAt(when: 'before' | 'after', { operation, partitions }: Call): void {
    const isCommit = operation === 'put' && partitions[0]?.includes('#log#');
    if (!isCommit || this.#crash !== when) return;
    this.#crash = undefined;
    throw new RetryableError('the function died');
  }
}
