/**
 * Lambda's event source mapping for one shard: reads on from its checkpoint, and tries a failed batch again,
 * with the same bounds, others, or half of it. Now and then it goes back to an older checkpoint.
 */
import type { IngestReport, ShardBatch } from '../../../shared/runtime/ingest/ingest.ts';
import type { Random } from '../random.ts';
import type { Outcome } from './functions.ts';
import type { Surroundings } from './host.ts';
import { nameOfShard, type Shard } from './stream.ts';

type Invoke = (
  batch: Pick<ShardBatch, 'records'>,
  timeoutMs: number,
) => Promise<Outcome<IngestReport>>;

export interface PollerOptions {
  readonly shard: Shard;
  readonly around: Surroundings;
  readonly random: Random;
  readonly batchSizeMax: number;
  /** It may begin to read so long (ms) after there is something to read. */
  readonly lateStart: number;
  readonly invoke: Invoke;
  /** Whether the shard may be read yet. */
  isReleased(): boolean;
  onDrained(): void;
}

const TIMEOUT_MS = 60_000;
/** Below the engine's reserve plus some operations, so that batches end early. */
const SHORT_TIMEOUT_MS: readonly [number, number] = [3_010, 3_200];
const REPLAYED_RECORDS_MAX = 15;
const CLOSED_LATE_MS: readonly [number, number] = [60_000, 900_000];

export class Poller {
  readonly shard: Shard;
  readonly #options: PollerOptions;
  /** Index of the next record to process. */
  #checkpoint = 0;
  #isBusy = false;
  #failures = 0;
  #hasBegun = false;
  #isKnownClosed = false;
  #size = 0;

  constructor(options: PollerOptions) {
    this.shard = options.shard;
    this.#options = options;
  }

  get isDrained(): boolean {
    return !this.#isBusy && this.#checkpoint === this.shard.records.length;
  }

  get position(): string {
    return `${nameOfShard(this.shard)} at record ${this.#checkpoint} of ${this.shard.records.length}`;
  }

  /** Called whenever there may be something to do. */
  wake(): void {
    const { around, random } = this.#options;
    if (this.#isBusy || this.isDrained || !this.#options.isReleased()) return;
    this.#isBusy = true;
    const backoff = this.#failures === 0 ? 0 : 100 * 2 ** Math.min(this.#failures, 6);
    around.timeline.after(random.between(5, 400) + backoff + this.#startLag() + this.#lag(), () => {
      this.#invoke().then(() => {
        this.#isBusy = false;
        if (this.isDrained) this.#options.onDrained();
        this.wake();
      });
    });
  }

  async #invoke(): Promise<void> {
    const { around, random, batchSizeMax, invoke } = this.#options;
    this.#maybeReplay();
    const isSameAgain = this.#failures > 0 && this.#size > 0 && random.chance(0.5);
    if (!isSameAgain) this.#size = random.between(1, batchSizeMax);
    if (this.#failures > 1 && random.chance(around.faults.bisect)) {
      around.situations.meet('batch bisected');
      this.#size = Math.ceil(this.#size / 2);
    }
    const from = this.#checkpoint;
    const records = this.shard.records.slice(from, from + this.#size);
    const isShort = random.chance(around.faults.shortTime);
    const outcome = await invoke(
      { records },
      isShort ? random.between(...SHORT_TIMEOUT_MS) : TIMEOUT_MS,
    );
    if (outcome.kind === 'failed') {
      this.#failures += 1;
      return;
    }
    this.#failures = 0;
    const { firstUnprocessed } = outcome.value;
    if (firstUnprocessed === undefined) {
      this.#checkpoint = from + records.length;
      return;
    }
    around.situations.meet('time ran short');
    const at = records.findIndex(({ sequence }) => sequence === firstUnprocessed);
    if (at === -1) throw new Error(`firstUnprocessed ${firstUnprocessed} is not in the batch`);
    this.#checkpoint = from + at;
  }

  #startLag(): number {
    const { around, random, lateStart } = this.#options;
    if (lateStart === 0 || this.#hasBegun) return 0;
    this.#hasBegun = true;
    const own = random.fork('late start');
    if (own.chance(0.5)) return 0;
    around.situations.meet('shard read long after the others');
    return own.below(lateStart);
  }

  /** Once its shard is closed, a poller may fall behind those of the children. */
  #lag(): number {
    const { around, random } = this.#options;
    if (!this.shard.isClosed || this.#isKnownClosed) return 0;
    this.#isKnownClosed = true;
    const own = random.fork('lag');
    if (!own.chance(around.faults.closedLate)) return 0;
    around.situations.meet('closed shard read late');
    return own.between(...CLOSED_LATE_MS);
  }

  /** A shard that is read to its end is read again from an older checkpoint; says whether it is. */
  goBack(): boolean {
    if (!this.isDrained) return false;
    const { around, random } = this.#options;
    const own = random.fork(`again at ${around.timeline.now}`);
    if (around.faults.replay === 0 || !own.chance(0.7)) return false;
    this.#checkpoint -= own.between(1, this.#checkpoint);
    this.wake();
    return true;
  }

  #maybeReplay(): void {
    const { around, random } = this.#options;
    if (this.#checkpoint === 0 || !random.chance(around.faults.replay)) return;
    around.situations.meet('replay from an old checkpoint');
    this.#checkpoint -= random.between(1, Math.min(this.#checkpoint, REPLAYED_RECORDS_MAX));
  }
}
