/** A stream in memory that a replay puts on, whose shards can be split, and what its lanes make of it. */
import { undisturbedRun } from '../../../infra/local/chaos/undisturbed.ts';
import type { SourceRecord } from '../../../infra/local/shardSource.ts';
import type { Job } from '../../../shared/job/job.ts';
import { countsOf } from '../../../shared/model/counts.ts';
import type { HashRange } from '../../../shared/model/hashRange.ts';
import { equalRanges, shardOfHash, shardRanges } from '../../../shared/model/shardRanges.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../../../shared/ports/recordSink.ts';

interface Shard {
  readonly shard: string;
  readonly parents: readonly string[];
  readonly range: HashRange;
  isClosed: boolean;
  readonly records: SourceRecord[];
}

const ARRIVAL_SECONDS = Date.UTC(2024, 0, 1, 9, 1) / 1_000;

export class ReplayStream implements RecordSink {
  readonly #shards: Shard[];
  #puts = 0;
  /** Requests that are stored before one is stored that never has an answer, nor has any other. */
  answersLeft = Number.POSITIVE_INFINITY;
  onKill = () => {};

  constructor(shards: number) {
    this.#shards = equalRanges(shards).list.map(({ shard, start, end }) => ({
      ...{ shard, parents: [], range: { start, end }, isClosed: false, records: [] },
    }));
  }

  get requests(): number {
    return this.#puts;
  }

  async listShards() {
    const open = this.#shards.filter(({ isClosed }) => !isClosed);
    return open.map(({ shard, range }) => ({ shard, ...range }));
  }

  async putRecords(records: readonly SinkRecord[]): Promise<readonly PutOutcome[]> {
    this.#puts += 1;
    if (this.answersLeft < 0) return new Promise(() => {});
    const ranges = shardRanges(await this.listShards());
    if (!ranges) throw new Error('no shards');
    const outcomes = records.map((record): PutOutcome => {
      const { shard } = shardOfHash(BigInt(record.explicitHashKey), ranges);
      return { kind: 'stored', shard, sequence: this.#store(shard, record) };
    });
    this.answersLeft -= 1;
    if (this.answersLeft >= 0) return outcomes;
    this.onKill();
    return new Promise(() => {});
  }

  #store(name: string, { partitionKey, data }: SinkRecord): string {
    const stored = this.#shards.reduce((sum, { records }) => sum + records.length, 0);
    const sequence = String(stored + 1);
    const shard = this.#shards.find((each) => each.shard === name);
    shard?.records.push({ sequence, partitionKey, arrivalSeconds: ARRIVAL_SECONDS + stored, data });
    return sequence;
  }

  /** Each open shard, in the middle. */
  split(): void {
    for (const each of this.#shards.filter(({ isClosed }) => !isClosed)) {
      const { start, end } = each.range;
      const middle = start + (end - start) / 2n;
      each.isClosed = true;
      for (const range of [
        { start, end: middle },
        { start: middle + 1n, end },
      ]) {
        const shard = `shardId-${String(this.#shards.length).padStart(12, '0')}`;
        this.#shards.push({ shard, parents: [each.shard], range, isClosed: false, records: [] });
      }
    }
  }

  /** What a job counts of it. */
  async countedBy(job: Job, stream: string) {
    const { stats } = await undisturbedRun(job, new Map([[stream, this.#shards]]));
    return countsOf(stats);
  }
}
