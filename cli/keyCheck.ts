/**
 * Whether all events of a key are on one shard, which keyed jobs rest on: here there is one stream, whatever its
 * partition key, so a run is right where a deployment sees only a part of a sequence.
 */
import type { StreamEvent } from '../inputs/laneBatches.ts';
import type { Job } from '../shared/job/job.ts';
import { needsRepartition } from '../shared/job/repartition.ts';
import { sourceOf, streamsOf } from '../shared/job/spec.ts';
import { keyOfKept } from '../shared/job/traits.ts';

/** The keys of so many events are looked at: a declaration that is wrong is wrong early. */
const EVENTS_MAX = 10_000;

export class KeyCheck {
  readonly #job: Job;
  readonly #keyOf: ((event: unknown) => string) | undefined;
  readonly #partitions = new Map<string, string>();
  #left = EVENTS_MAX;
  #problem: string | undefined;

  constructor(job: Job) {
    this.#job = job;
    // What is forwarded is partitioned by its key, whatever its own stream goes by.
    this.#keyOf = needsRepartition(job) ? undefined : keyOfKept(job);
  }

  /** What is wrong, in a line; undefined where nothing is, as far as was seen. */
  get problem(): string | undefined {
    return this.#problem;
  }

  look({ stream, value }: StreamEvent): void {
    if (!this.#keyOf || this.#left === 0 || this.#problem !== undefined) return;
    this.#left -= 1;
    const source = sourceOf(this.#job, stream ?? streamsOf(this.#job)[0] ?? '');
    const parsed = source?.parse(value);
    if (!source || !parsed || 'problem' in parsed) return;
    try {
      this.#compare(this.#keyOf(parsed.event), source.partitionKey(parsed.event));
    } catch {
      // A dead letter, which says so.
    }
  }

  get #orForward(): string {
    return this.#job.kind === 'status' ? ', or say `repartitioned: true` of the job' : '';
  }

  #compare(key: string, partition: string): void {
    const before = this.#partitions.get(key);
    if (before === undefined) this.#partitions.set(key, partition);
    else if (before !== partition) {
      this.#problem =
        `events of the key ${key} have the partition keys ${before} and ${partition}: on a stream they are on any shards, and ` +
        `${this.#job.name} does not see them together there; partition the stream by what its key is made of${this.#orForward}`;
    }
  }
}
