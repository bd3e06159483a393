/** The simulated world of one seed, put together; `run.ts` leads it through its phases. */
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { hours, milliseconds } from '../../../shared/model/time.ts';
import type { TableDescription } from '../../../shared/ports/table.ts';
import type { EngineSettings } from '../../../shared/runtime/settings.ts';
import { drawFaults, type Faults } from '../faults.ts';
import { type Random, randomOf } from '../random.ts';
import { drawScenario, FAR_APART, type Scenario } from '../scenario.ts';
import { Situations } from '../situations.ts';
import { Timeline } from '../timeline.ts';
import type { Trace } from '../trace.ts';
import { Deployment } from './deployment.ts';
import { openOwnStreams } from './forwarding.ts';
import { History, type RecordedChange } from './history.ts';
import type { Surroundings } from './host.ts';
import { IdleRuns } from './idleRuns.ts';
import { laneOfLog, STATE_TABLE } from './kinds.ts';
import { NamedSources } from './namedSources.ts';
import { Producer } from './producer.ts';
import { type Contents, Store } from './store.ts';
import { Stream } from './stream.ts';
import { KeyedWatch } from './watchKeyed.ts';
import { LaneWatch } from './watchLanes.ts';
import { watchSituations } from './watchSituations.ts';

const START = Date.UTC(2026, 0, 5);
const SWEEP_MS = 5 * 60_000;

export interface WorldOptions {
  /** Whether records occur that do not fit one commit. */
  readonly bulk?: 'none' | 'some';
  /** Only this one; by default any. */
  readonly job?: string;
}

/** With low limits work takes hours that else is done in a minute: there is less of it, and it does not expire meanwhile. */
function leisurely(drawn: Scenario): Scenario {
  const { settings } = drawn;
  const logRetention = milliseconds(Math.max(settings.logRetention, hours(12)));
  const variety = Math.min(drawn.variety, 6);
  return { ...drawn, variety, hasBulkyRecord: false, settings: { ...settings, logRetention } };
}

export class World {
  readonly random: Random;
  /** The faults of this run, also while it heals. */
  readonly drawnFaults: Faults;
  readonly scenario: Scenario;
  readonly around: Surroundings;
  readonly streams: readonly Stream[];
  /** Those that jobs put on themselves. */
  readonly ownStreams: readonly Stream[];
  readonly state: Store;
  readonly history: History;
  readonly deployments: readonly Deployment[];
  readonly producer: Producer;
  readonly named: NamedSources;
  /** An error in the engine that no fault explains. */
  bug: unknown;
  readonly #keyedWatch: KeyedWatch;
  readonly #laneWatch: LaneWatch;
  readonly #idleRuns: IdleRuns;
  #isTicking = false;
  /** Since when nothing stored has expired but what may expire at any time. */
  storedSince = 0;
  /** When the end of the input was announced. */
  endedAt: number | undefined;
  /** How far two processes' clocks may differ (ms). */
  readonly clockSkew: number;

  constructor(seed: number, trace: Trace, { bulk, job }: WorldOptions) {
    this.random = randomOf(seed);
    const drawn = drawScenario(this.random.fork('scenario'), job);
    this.scenario = bulk === 'none' ? leisurely(drawn) : drawn;
    const faults = drawFaults(this.random.fork('faults'));
    this.drawnFaults = faults;
    this.around = {
      timeline: new Timeline(START + this.random.fork('start').below(86_400_000)),
      trace,
      situations: new Situations(),
      faults,
      looked: { at: undefined },
    };
    this.clockSkew = 2 * faults.clockSkew;
    this.#idleRuns = new IdleRuns(this, this.random.fork('runs at idle'));
    if (this.scenario.stepMs >= FAR_APART) this.around.situations.meet('event times far apart');
    this.history = new History(this.around.looked);
    this.#keyedWatch = new KeyedWatch(this.around.situations);
    this.#laneWatch = new LaneWatch(this.around.situations);
    this.streams = this.#openStreams();
    this.ownStreams = openOwnStreams(this.scenario, this.random);
    this.state = this.#store({ name: STATE_TABLE, partitionKey: 'pk', sortKey: 'sk' }, 'state');
    this.deployments = this.scenario.trials.map((trial) => this.#deploy(trial));
    this.named = this.#namedSources();
    this.producer = new Producer(
      this.scenario,
      this.around,
      this.random.fork('producer'),
      { streams: this.streams, named: this.named },
      (appointment) => this.#idleRuns.before(appointment),
    );
    this.#startActors();
  }

  get allStreams(): readonly Stream[] {
    return [...this.streams, ...this.ownStreams];
  }

  get settings(): EngineSettings {
    return this.scenario.settings;
  }

  /** What was written so far, but for how far the clock is. */
  get materialChanges(): number {
    return this.history.changes.filter(({ kind }) => kind !== 'closing' && kind !== 'clock').length;
  }

  /** Long enough ago for the clock to close all windows: both the last commit and the last event. */
  get isPastFlush(): boolean {
    const { idleAfter, flushAfter } = this.settings;
    const { now } = this.around.timeline;
    const silentFor = now - this.clockSkew - this.history.lastCommitAt;
    if (flushAfter === 'never') return silentFor > idleAfter;
    const flushed = now - this.clockSkew - flushAfter;
    return (
      silentFor > Math.max(idleAfter, flushAfter) && flushed > this.producer.times.latestConsequence
    );
  }

  wake(): void {
    for (const deployment of this.deployments) deployment.wake();
  }

  get isDrained(): boolean {
    const isPut = this.ownStreams.every(({ hasAnyOnTheWay }) => !hasAnyOnTheWay);
    return isPut && this.deployments.every((deployment) => deployment.isDrained);
  }

  /** Deletes some of what has expired, as DynamoDB does at times of its own. */
  sweep(): void {
    const random = this.random.fork(`sweep ${this.around.timeline.now}`);
    const { faults, situations, timeline } = this.around;
    for (const pk of this.state.partitionKeys()) {
      for (const sk of this.state.sortKeysOf(pk)) {
        if (!random.chance(faults.timeToLive)) continue;
        if (this.state.expire({ pk, sk }, timeline.now)) situations.meet('time to live removed');
      }
    }
  }

  streamNamed(name: string): Stream {
    const stream = this.streams.find((each) => each.name === name);
    if (!stream) throw new Error(`there is no stream ${name}`);
    return stream;
  }

  /** Those that the run's jobs read. */
  #openStreams(): Stream[] {
    const names = new Set(this.scenario.trials.flatMap(({ streams }) => streams));
    return [...names].map(
      (name) => new Stream(name, this.scenario.shards, this.random.fork(`stream ${name}`)),
    );
  }

  #namedSources(): NamedSources {
    return new NamedSources({
      scenario: this.scenario,
      around: this.around,
      random: this.random.fork('named producers'),
      streams: this.streams,
      partitionKeyOf: (stream, raw) =>
        this.deployments
          .find(({ trial }) => trial.streams.includes(stream))
          ?.partitionKeyOf(stream, raw),
      onBug: (error) => {
        this.bug ??= error;
      },
    });
  }

  #store(description: TableDescription, contents: Contents): Store {
    const watch = watchSituations(this.around.situations, this.#keyedWatch, this.#laneWatch);
    return new Store(description, contents, (change) => {
      const recorded = this.history.record(change);
      watch(recorded);
      this.#wakeRivals(recorded);
    });
  }

  #wakeRivals({ kind, key, after, store }: RecordedChange): void {
    if (!after) return;
    if (kind === 'status') {
      const deployment = this.deployments.find(({ results }) =>
        [...results.values()].includes(store),
      );
      deployment?.wakeRivals(kind);
    }
    if (kind !== 'commit' && kind !== 'closing') return;
    const job = kind === 'commit' ? laneOfLog(key.pk)?.job : key.pk;
    this.deployments.find(({ id }) => id === job)?.wakeRivals(kind);
  }

  #deploy(trial: Scenario['trials'][number]): Deployment {
    return new Deployment({
      trial,
      settings: this.settings,
      batchSizeMax: this.scenario.batchSizeMax,
      lateStart: this.scenario.lateStart,
      hasNamed: this.scenario.named !== 'none',
      around: this.around,
      random: this.random.fork(trial.name),
      streams: [
        ...this.streams.filter(({ name }) => trial.streams.includes(name)),
        ...this.ownStreams.filter(({ name }) => name === repartitionStreamOf(trial.deployed)),
      ],
      state: this.state,
      openStore: (description, contents) => this.#store(description, contents),
      provoke: (shard) => {
        if (this.streams.some(({ name }) => name === shard.stream)) this.producer.putInto(shard);
      },
      onBug: (error) => {
        this.bug ??= error;
      },
    });
  }

  #startActors(): void {
    for (const deployment of this.deployments) {
      for (const { shards } of this.allStreams) for (const shard of shards) deployment.poll(shard);
    }
    for (const stream of this.allStreams) {
      stream.onShard = (shard) => {
        this.#keyedWatch.noteResharding(stream.name, shard.parents);
        for (const deployment of this.deployments) {
          for (const lane of deployment.replayClosed(shard)) {
            this.#laneWatch.noteRedelivery(deployment.id, lane);
          }
          deployment.poll(shard);
        }
      };
      stream.onPut = () => {
        this.wake();
        this.#idleRuns.afterPut(stream);
      };
    }
    this.startTicking();
  }

  /** Lets schedules and time to live run by the clock. */
  startTicking(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    for (const { schedules } of this.deployments) {
      for (const schedule of schedules) schedule.start(() => this.#isTicking);
    }
    const sweep = (): void => {
      if (!this.#isTicking) return;
      this.sweep();
      this.around.timeline.after(SWEEP_MS, sweep);
    };
    this.around.timeline.after(SWEEP_MS, sweep);
  }

  /** Stops them: long silences are simulated in strides. */
  stopTicking(): void {
    this.#isTicking = false;
  }
}
