/** Runs of scheduled functions just as a silence has lasted for as long as counts, or just beside that. */
import type { EngineSettings } from '../../../shared/runtime/settings.ts';
import type { Random } from '../random.ts';
import type { Appointment } from './aim.ts';
import type { Deployment } from './deployment.ts';
import type { Surroundings } from './host.ts';
import type { Stream } from './stream.ts';

/** Whoever looks into a silent shard waits for about so much longer. */
const IDLE_MARGIN_MS = 8_000;
/** What a run tells a job's own stream is put there: each would bring about others. */
const DUE_MAX = 20;

interface Idle {
  readonly around: Surroundings;
  readonly settings: Pick<EngineSettings, 'idleAfter'>;
  readonly deployments: readonly Deployment[];
}

export class IdleRuns {
  readonly #world: Idle;
  readonly #random: Random;
  #due = 0;

  constructor(world: Idle, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** Lets a run begin just before a record that ends a silence: by its clock, the silence may have lasted long enough. */
  before({ stream, at }: Appointment): void {
    const { faults, timeline } = this.#world.around;
    if (faults.runAtIdle === 0) return;
    const before = this.#random.between(0, Math.round(faults.clockSkew));
    timeline.after(at - before - timeline.now, () => this.#runFor(stream));
  }

  /** Lets runs begin when the shards are silent for as long as counts, by one of the clocks, or just beside that. */
  afterPut(stream: Stream): void {
    const { around, settings } = this.#world;
    const { faults, timeline } = around;
    if (!this.#random.chance(faults.runAtIdle)) return;
    const skew = Math.round(faults.clockSkew);
    const beside = this.#random.pick([
      this.#random.between(-skew, 0),
      this.#random.between(-1, 30),
      this.#random.between(0, IDLE_MARGIN_MS),
    ]);
    if (this.#due >= DUE_MAX) return;
    this.#due += 1;
    timeline.after(settings.idleAfter + beside, () => {
      this.#due -= 1;
      this.#runFor(stream);
    });
  }

  /** Unless the world has healed meanwhile. */
  #runFor({ name }: Stream): void {
    if (this.#world.around.faults.runAtIdle === 0) return;
    const readers = this.#world.deployments.filter((each) => each.reads(name));
    for (const { schedules } of readers) for (const schedule of schedules) schedule.run('schedule');
  }
}
