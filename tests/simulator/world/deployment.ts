/**
 * One job as it is deployed in the simulated world: its functions, its pollers and schedules, its result
 * tables. The job code, the runtime and the state modules are the real ones.
 */
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import { sourceOf } from '../../../shared/job/spec.ts';
import { windowTables } from '../../../shared/job/windowJob.ts';
import type { JobId, StreamName } from '../../../shared/model/lane.ts';
import type { Trial } from '../trials/trial.ts';
import { ingestFunction } from './ingestFunction.ts';
import { Poller } from './poller.ts';
import type { DeploymentOptions, Premises } from './premises.ts';
import { scheduledFunctions } from './scheduledFunctions.ts';
import type { Contents, Store } from './store.ts';
import { nameOfShard, type Shard } from './stream.ts';

export class Deployment {
  readonly trial: Trial;
  readonly results: ReadonlyMap<string, Store>;
  readonly schedules: ReturnType<typeof scheduledFunctions>;
  readonly pollers: Poller[] = [];
  isMended = false;
  /** When the end of the input was announced. */
  readonly inputEnds: number[] = [];
  readonly #options: DeploymentOptions;
  readonly #ingest: ReturnType<typeof ingestFunction>;

  constructor(options: DeploymentOptions) {
    this.trial = options.trial;
    this.results = resultStores(options);
    this.#options = options;
    const premises: Premises = {
      ...options,
      results: this.results,
      job: () => this.#job,
      nudge: () => {
        for (const schedule of this.schedules) schedule.nudge();
      },
    };
    this.schedules = scheduledFunctions(premises);
    this.#ingest = ingestFunction(premises);
  }

  get id(): JobId {
    return this.#job.id;
  }

  /** The event's own partition key, as the job's source says; undefined where it has none. */
  partitionKeyOf(stream: StreamName, raw: Uint8Array): string | undefined {
    try {
      return sourceOf(this.#job, stream)?.partitionKeyIn(JSON.parse(Buffer.from(raw).toString()));
    } catch {
      return undefined;
    }
  }

  reads(stream: StreamName): boolean {
    return this.#options.streams.some(({ name }) => name === stream);
  }

  get isDrained(): boolean {
    return this.pollers.every((poller) => poller.isDrained);
  }

  /** Puts the mended job in place: new processes only from here on. */
  mend(): void {
    this.isMended = true;
    this.#ingest.recycle();
    for (const schedule of this.schedules) schedule.recycle();
  }

  /** Starts to read a shard of one of the job's streams, with one poller or, by a fault, two. */
  poll(shard: Shard): void {
    const { around, random } = this.#options;
    if (!this.reads(shard.stream)) return;
    this.#addPoller(shard, 'first');
    if (!random.fork(`pollers of ${nameOfShard(shard)}`).chance(around.faults.secondPoller)) return;
    around.situations.meet('shard read twice at a time');
    this.#addPoller(shard, 'second');
  }

  /** Closed shards of the stream that are read from an old checkpoint once more, as after a mapping was made anew. */
  replayClosed({ stream }: Shard): string[] {
    const again = this.pollers.filter(
      ({ shard }) => shard.stream === stream && shard.isClosed && shard.records.length > 0,
    );
    return again.filter((poller) => poller.goBack()).map(({ shard }) => nameOfShard(shard));
  }

  #addPoller(shard: Shard, which: 'first' | 'second'): void {
    const { around, random, batchSizeMax, lateStart } = this.#options;
    const poller = new Poller({
      shard,
      around,
      batchSizeMax,
      lateStart: shard.parents.length === 0 ? lateStart : 0,
      random: random.fork(`${which} poller of ${nameOfShard(shard)}`),
      isReleased: () => around.faults.childrenEarly > 0 || this.#areParentsDrained(shard),
      onDrained: () => this.wake(),
      invoke: ({ records }, timeoutMs) =>
        this.#ingest.invoke(
          timeoutMs,
          `${records.length} records of ${nameOfShard(shard)} from ${records[0]?.sequence}`,
          (ingest, { remainingMs }) =>
            ingest({ stream: shard.stream, shard: shard.id, records, remainingMs }),
        ),
    });
    this.pollers.push(poller);
  }

  /**
   * Whether it says anything to announce the end of the input: matches that wait to time out on a closed shard go on with
   * its children, and not before these begin.
   */
  get canEnd(): boolean {
    const { streams } = this.#options;
    const { deployed } = this.trial;
    if (deployed.kind !== 'pattern' || !deployed.timedOut) return true;
    return streams.every(({ shards }) => shards.every(isBegunOrFirst));
  }

  /** Somebody has just written this: what stands still meanwhile does most harm if it goes on now. */
  wakeRivals(kind: 'commit' | 'closing' | 'status'): void {
    if (kind !== 'closing') this.#ingest.wakeSome();
    if (kind === 'commit' && this.#job.kind === 'window') return;
    for (const schedule of this.schedules) schedule.wakeSome();
  }

  wake(): void {
    for (const poller of this.pollers) poller.wake();
  }

  #areParentsDrained(shard: Shard): boolean {
    return this.pollers
      .filter((poller) => poller.shard.stream === shard.stream)
      .filter((poller) => shard.parents.includes(poller.shard.id))
      .every((poller) => poller.isDrained);
  }

  get #job(): Job {
    return this.isMended ? this.trial.mended : this.trial.deployed;
  }
}

const isBegunOrFirst = ({ parents, records }: Shard): boolean =>
  parents.length === 0 || records.length > 0;

/** The job's own tables come first, then those of its alerts. */
function resultStores({ trial, openStore }: DeploymentOptions): ReadonlyMap<string, Store> {
  const { deployed } = trial;
  const own = deployed.kind === 'window' ? windowTables(deployed).map(({ name }) => name) : [];
  const contentsOf = (name: string): Contents => {
    if (deployed.kind === 'status') return 'status rows';
    return own.includes(name) ? 'window rows' : 'alerts';
  };
  return new Map(
    tablesOf(deployed).map((table) => [table.name, openStore(table, contentsOf(table.name))]),
  );
}
