/**
 * Inputs of a job as a list: events, and what happens to them on the way. The same list is played with any
 * batch size; markers end a batch, since they are about a moment.
 */
import { RetryableError, UnknownOutcomeError } from '../../shared/errors.ts';
import type { Job } from '../../shared/job/job.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { arrivalTime, type Duration, isoTime } from '../../shared/model/time.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { readLaneStatuses } from '../../shared/state/inspect.ts';
import { SHARD, TestEngine } from './engine.ts';
import type { Call } from './interceptedTable.ts';
import { type RecordContent, streamRecords } from './records.ts';

/** Writes that something can go wrong at. */
export type Write =
  | 'commit'
  /** A row of a status job, or of a window. */
  | 'row'
  /** Records that a forwarding lane puts. */
  | 'forwarded'
  | 'alerts';

type Fault = { readonly how: 'before' | 'after' | 'lostReply'; readonly write: Write };

type Marker =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'redeliver'; readonly records: number }
  | { readonly kind: 'watermark'; readonly time: string }
  | { readonly kind: 'silence'; readonly length: Duration }
  | { readonly kind: 'record'; readonly stream: StreamName; readonly content: RecordContent }
  | { readonly kind: 'close' }
  | { readonly kind: 'fire' };

class Step {
  readonly marker: Marker;
  constructor(marker: Marker) {
    this.marker = marker;
  }
}

/** The function dies before or after its next write of this kind; Lambda delivers the batch again. */
export const crash = (how: 'before' | 'after', write: Write = 'commit') =>
  new Step({ kind: 'fault', fault: { how, write } });
/** The next write of this kind happens, and its reply is lost. */
export const lostReply = (write: Write = 'commit') =>
  new Step({ kind: 'fault', fault: { how: 'lostReply', write } });
/** The last so many records come once more, each on its stream. */
export const redeliver = (records: number) => new Step({ kind: 'redeliver', records });
/** The watermark of the job's first lane must be here now. */
export const watermark = (time: string) => new Step({ kind: 'watermark', time });
/** Nothing arrives for so long. */
export const silence = (length: Duration) => new Step({ kind: 'silence', length });
/** A record of another stream than the job's first. */
export const on = (stream: StreamName, content: RecordContent) =>
  new Step({ kind: 'record', stream, content });
/** `closeWindows` runs, so that later events may have to revise rows. */
export const close = () => new Step({ kind: 'close' });
/** `fireTimers` runs. */
export const fire = () => new Step({ kind: 'fire' });

export type ScenarioStep = RecordContent | Step;
export type BatchSize = number | 'all';

export const BATCH_SIZES: readonly BatchSize[] = [1, 3, 'all'];

export interface Outcome<Built extends Job> {
  readonly engine: TestEngine<Built>;
  /** What was not as the scenario said: watermarks elsewhere, faults that nothing met. */
  readonly surprises: readonly string[];
}

interface PlayOptions {
  /** Whether the input ends with the steps, so that all that is open is judged. */
  readonly atEnd?: 'flush' | 'leaveOpen';
}

export async function play<Built extends Job>(
  job: Built,
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  { atEnd = 'flush' }: PlayOptions = {},
): Promise<Outcome<Built>> {
  const player = new Player(job, batchSize === 'all' ? Number.POSITIVE_INFINITY : batchSize);
  const firstStream = job.sources[0]?.stream ?? '';
  for (const step of steps) {
    if (!(step instanceof Step)) await player.take(firstStream, step);
    else if (step.marker.kind === 'record') {
      await player.take(step.marker.stream, step.marker.content);
    } else await player.obey(step.marker);
  }
  await player.finish(atEnd);
  return { engine: player.engine, surprises: player.surprises };
}

interface Sent {
  readonly stream: StreamName;
  readonly record: StreamRecord;
}

class Player<Built extends Job> {
  readonly engine: TestEngine<Built>;
  readonly surprises: string[] = [];
  readonly #batchSize: number;
  readonly #delivered: Sent[] = [];
  #open: Sent[] = [];
  #fault: Fault | undefined;

  constructor(job: Built, batchSize: number) {
    this.#batchSize = batchSize;
    const interception = (writeOf: (call: Call) => Write | undefined) => ({
      before: (call: Call) => this.#failAt('before', writeOf(call)),
      after: (call: Call) => this.#failAt('after', writeOf(call)),
    });
    this.engine = new TestEngine(job, {
      onState: interception(stateWrite),
      onResults: interception(resultWrite),
      onForwarded: (moment) => this.#dieAtPut(moment),
    });
  }

  async take(stream: StreamName, content: RecordContent): Promise<void> {
    const first = this.#delivered.length + this.#open.length;
    const arrival = arrivalTime(this.engine.clock.now());
    for (const record of streamRecords([content], { first, arrival })) {
      this.#open.push({ stream, record });
    }
    if (this.#open.length >= this.#batchSize) await this.#deliverOpen();
  }

  async obey(marker: Exclude<Marker, { kind: 'record' }>): Promise<void> {
    await this.#deliverOpen();
    switch (marker.kind) {
      case 'fault':
        this.#expectNoFault();
        this.#fault = marker.fault;
        return;
      case 'redeliver':
        await this.#deliver(this.#delivered.slice(-marker.records));
        return;
      case 'silence':
        this.engine.clock.advance(marker.length);
        return;
      case 'close':
        await untilItWorks(() => this.engine.close('schedule'));
        return;
      case 'fire':
        await untilItWorks(() => this.engine.fire('schedule'));
        return;
      case 'watermark': {
        const [lane] = await readLaneStatuses(this.engine.job.id, this.engine.state);
        const at = lane ? isoTime(lane.watermark) : 'nowhere';
        if (at !== marker.time) this.surprises.push(`expected ${marker.time}, was ${at}`);
      }
    }
  }

  async finish(atEnd: 'flush' | 'leaveOpen'): Promise<void> {
    await this.#deliverOpen();
    if (atEnd === 'flush') await untilItWorks(() => this.engine.finish());
    this.#expectNoFault();
  }

  async #deliverOpen(): Promise<void> {
    const batch = this.#open;
    this.#open = [];
    await this.#deliver(batch);
    this.#delivered.push(...batch);
  }

  /** As Lambda does, stream by stream: until it works, to a cold function after a failure. */
  async #deliver(batch: readonly Sent[]): Promise<void> {
    for (const [stream, sent] of Map.groupBy(batch, ({ stream }) => stream)) {
      const records = sent.map(({ record }) => record);
      await untilItWorks(
        () => this.engine.ingest(records, { stream, shard: SHARD }),
        () => this.engine.coldStart(),
      );
    }
  }

  /** What may be tried again is, by the producer itself; the function is to die. */
  #dieAtPut(moment: 'before' | 'after'): void {
    try {
      this.#failAt(moment, 'forwarded');
    } catch (error) {
      if (error instanceof UnknownOutcomeError) throw error;
      throw new Error('the function died', { cause: error });
    }
  }

  #failAt(moment: 'before' | 'after', write: Write | undefined): void {
    const fault = this.#fault;
    if (fault === undefined || fault.write !== write) return;
    if ((fault.how === 'before') !== (moment === 'before')) return;
    this.#fault = undefined;
    if (fault.how === 'lostReply') throw new UnknownOutcomeError('no reply came');
    throw new RetryableError('the function died');
  }

  #expectNoFault(): void {
    if (this.#fault) this.surprises.push(`nothing met the fault at ${this.#fault.write}`);
    this.#fault = undefined;
  }
}

async function untilItWorks(work: () => Promise<unknown>, afterFailure = () => {}): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof RetryableError || error instanceof UnknownOutcomeError)) throw error;
      afterFailure();
    }
  }
}

function stateWrite({ operation, partitions: [partition = ''] }: Call): Write | undefined {
  return operation === 'put' && partition.includes('#log#') ? 'commit' : undefined;
}

function resultWrite({ operation }: Call): Write | undefined {
  if (operation === 'put') return 'row';
  return operation === 'batchPut' ? 'alerts' : undefined;
}
