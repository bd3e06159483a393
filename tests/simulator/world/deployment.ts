/**
 * One job as it is deployed in the simulated world: its ingest and closing functions, its pollers and
 * schedules, its result table. The job code, the runtime and the state modules are the real ones.
 */
import type { JobId } from '../../../shared/model/lane.ts';
import { type Closer, createCloser } from '../../../shared/runtime/closeWindows.ts';
import { createIngest, type Ingest } from '../../../shared/runtime/ingest.ts';
import type { EngineSettings } from '../../../shared/runtime/settings.ts';
import type { Trial } from '../jobs.ts';
import type { Random } from '../random.ts';
import { Closers } from './closers.ts';
import { SimulatedFunction } from './functions.ts';
import type { Host, Surroundings } from './host.ts';
import { Poller } from './poller.ts';
import { SimulatedTable } from './simulatedTable.ts';
import type { Store } from './store.ts';
import type { Shard, Stream } from './stream.ts';

export interface DeploymentOptions {
  readonly trial: Trial;
  readonly settings: EngineSettings;
  readonly batchSizeMax: number;
  readonly around: Surroundings;
  readonly random: Random;
  readonly stream: Stream;
  readonly state: Store;
  readonly results: Store;
  onBug(error: unknown): void;
}

export class Deployment {
  readonly trial: Trial;
  readonly results: Store;
  readonly closers: Closers;
  readonly pollers: Poller[] = [];
  isMended = false;
  readonly #options: DeploymentOptions;
  readonly #ingest: SimulatedFunction<Ingest>;
  readonly #close: SimulatedFunction<Closer>;

  constructor(options: DeploymentOptions) {
    const { trial, around, random, onBug } = options;
    this.trial = trial;
    this.results = options.results;
    this.#options = options;
    this.#ingest = new SimulatedFunction({
      name: `ingest-${trial.name}`,
      around,
      random: random.fork('ingest'),
      create: (host) => this.#createIngest(host),
      onBug,
    });
    this.#close = new SimulatedFunction({
      name: `close-${trial.name}`,
      around,
      random: random.fork('close'),
      create: (host) => this.#createCloser(host),
      onBug,
    });
    this.closers = new Closers(around, random.fork('schedule'), (trigger, timeoutMs) =>
      this.#close.invoke(timeoutMs, `close by ${trigger}`, (closer) => closer.run(trigger)),
    );
  }

  get id(): JobId {
    return this.#job.id;
  }

  get isDrained(): boolean {
    return this.pollers.every((poller) => poller.isDrained);
  }

  /** Puts the mended job in place: new processes only from here on. */
  mend(): void {
    this.isMended = true;
    this.#ingest.recycle();
    this.#close.recycle();
  }

  /** Starts to read a shard, with one poller or, by a fault, two. */
  poll(shard: Shard): void {
    const { around, random } = this.#options;
    this.#addPoller(shard, 'first');
    if (!random.fork(`pollers of ${shard.id}`).chance(around.faults.secondPoller)) return;
    around.situations.meet('shard read twice at a time');
    this.#addPoller(shard, 'second');
  }

  #addPoller(shard: Shard, which: 'first' | 'second'): void {
    const { around, random, batchSizeMax, stream } = this.#options;
    const poller = new Poller({
      shard,
      around,
      batchSizeMax,
      random: random.fork(`${which} poller of ${shard.id}`),
      isReleased: () => around.faults.childrenEarly > 0 || this.#areParentsDrained(shard),
      onDrained: () => this.wake(),
      invoke: ({ records }, timeoutMs) =>
        this.#ingest.invoke(
          timeoutMs,
          `${records.length} records of ${shard.id} from ${records[0]?.sequence}`,
          (ingest, { remainingMs }) =>
            ingest.ingest({ stream: stream.name, shard: shard.id, records, remainingMs }),
        ),
    });
    this.pollers.push(poller);
  }

  /** Somebody has just written this: what stands still meanwhile does most harm if it goes on now. */
  wakeRivals(kind: 'commit' | 'closing'): void {
    if (kind === 'commit') this.#ingest.wakeSome();
    else this.#close.wakeSome();
  }

  wake(): void {
    for (const poller of this.pollers) poller.wake();
  }

  #areParentsDrained(shard: Shard): boolean {
    return this.pollers
      .filter((poller) => shard.parents.includes(poller.shard.id))
      .every((poller) => poller.isDrained);
  }

  get #job() {
    return this.isMended ? this.trial.mended : this.trial.deployed;
  }

  #createIngest(host: Host): Ingest {
    const { settings, stream, around, random } = this.#options;
    const areForgotten = random
      .fork(`parents for ${host.name}`)
      .chance(around.faults.parentsForgotten);
    return createIngest(
      this.#job,
      {
        state: this.#tableOf(this.#options.state, host),
        clock: host,
        shards: {
          parentsOf: (_, id) =>
            host.operate({
              label: `parents of ${id}`,
              perform: () => (areForgotten ? [] : (stream.shard(id)?.parents ?? [])),
            }),
        },
        closeSignal: {
          send: () => host.operate({ label: 'nudge', perform: () => this.closers.nudge() }),
        },
      },
      settings,
    );
  }

  #createCloser(host: Host): Closer {
    return createCloser(
      this.#job,
      {
        state: this.#tableOf(this.#options.state, host),
        results: this.#tableOf(this.#options.results, host),
        clock: host,
      },
      this.#options.settings,
    );
  }

  #tableOf(store: Store, host: Host): SimulatedTable {
    const { around, random } = this.#options;
    const name = `${host.name} on ${store.description.name}`;
    return new SimulatedTable(store, host, around, random.fork(name));
  }
}
