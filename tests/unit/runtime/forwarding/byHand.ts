/** A job whose own stream is read when a test likes. */
import { MemoryStream } from '../../../../shared/adapters/memory/stream.ts';
import { UnknownOutcomeError } from '../../../../shared/errors.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { repartitionStreamOf } from '../../../../shared/job/repartition.ts';
import { equalRanges } from '../../../../shared/model/shardRanges.ts';
import type { RecordSink, SinkRecord } from '../../../../shared/ports/recordSink.ts';
import { readStamp } from '../../../../shared/records/stamp.ts';
import { TestEngine } from '../../../support/engine.ts';

export const OWN = 'tasks-1-repartition';

export const statuses = (shards: TestEngine) =>
  Object.fromEntries(shards.rows('tasks').map(({ task, status }) => [task, status]));

export class ByHand {
  readonly engine: TestEngine<Job>;
  readonly put: SinkRecord[] = [];
  /** What becomes of a put: nothing of it is stored, or no reply comes. */
  fault: 'refused' | 'lost' | undefined;
  readonly #stream: MemoryStream;

  constructor(job: Job, shards = 1) {
    const ranges = equalRanges(shards);
    const clock = { now: () => this.engine.clock.now() };
    this.#stream = new MemoryStream(repartitionStreamOf(job) ?? '', ranges, clock);
    this.engine = new TestEngine(job, { own: { sinkOf: () => this.#sink() } });
    for (const { shard, ...range } of ranges.list) this.engine.ranges[shard] = range;
  }

  /** Everything that is on the stream, by a function that is warm or not. */
  async read(by = this.engine.cold): Promise<void> {
    for (const batch of this.#stream.take()) await by.ingest(batch);
  }

  /** The data of the lines that were put, with their offsets. */
  get lines(): string[] {
    return this.put.flatMap(({ data }) => {
      const stamped = readStamp(Buffer.from(data));
      const lines = stamped?.body.toString().split('\n') ?? [];
      return lines.map((line) => `${stamped?.next()} ${line}`);
    });
  }

  #sink(): RecordSink {
    return {
      listShards: () => this.#stream.listShards(),
      putRecords: async (records) => {
        if (this.fault === 'refused') throw new Error('the function died');
        this.put.push(...records);
        const outcomes = await this.#stream.putRecords(records);
        const isLost = this.fault === 'lost';
        this.fault = undefined;
        if (isLost) throw new UnknownOutcomeError('no reply');
        return outcomes;
      },
    };
  }
}
