/**
 * A Lambda function: warm processes that serve one invocation at a time each, cold starts, time-outs, and
 * processes that go on after their time-out. What such a zombie becomes when it is done is left to chance:
 * it may serve again, with whatever it remembers.
 */
import { FencedError, RetryableError, UnknownOutcomeError } from '../../../shared/errors.ts';
import type { Random } from '../random.ts';
import { Host, type Surroundings } from './host.ts';

export type Outcome<R> =
  | { readonly kind: 'returned'; readonly value: R }
  | { readonly kind: 'failed' };

interface Environment<T> {
  readonly host: Host;
  readonly value: T;
  /** Which deployment started it. */
  readonly generation: number;
}

export interface Invocation {
  /** What Lambda's context tells. */
  remainingMs(): number;
  readonly host: Host;
}

const ZOMBIE_WAKES_MS = 800;

export class SimulatedFunction<T> {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #create: (host: Host) => T;
  readonly #onBug: (error: unknown) => void;
  #warm: Environment<T>[] = [];
  /** Those that serve an invocation, given up or not. */
  readonly #busy = new Set<Host>();
  #started = 0;
  #generation = 0;

  constructor(options: {
    name: string;
    around: Surroundings;
    random: Random;
    create: (host: Host) => T;
    onBug: (error: unknown) => void;
  }) {
    this.#name = options.name;
    this.#around = options.around;
    this.#random = options.random;
    this.#create = options.create;
    this.#onBug = options.onBug;
  }

  /** Forgets all warm processes: what a deployment does. */
  recycle(): void {
    this.#warm = [];
    this.#generation += 1;
  }

  /** Lets some processes that stand still go on soon. */
  wakeSome(): void {
    for (const host of this.#busy) {
      if (this.#random.chance(0.5)) host.hasten(this.#random.between(0, ZOMBIE_WAKES_MS));
    }
  }

  /** Runs the function on some process, and gives up after the time-out. */
  invoke<R>(
    timeoutMs: number,
    label: string,
    run: (value: T, invocation: Invocation) => Promise<R>,
  ): Promise<Outcome<R>> {
    const { timeline, trace } = this.#around;
    const environment = this.#environment();
    const { host, value } = environment;
    const deadline = timeline.now + timeoutMs;
    host.beginInvocation();
    this.#busy.add(host);
    trace.add(timeline.now, `${host.name} begins ${label}`);
    return new Promise((resolve) => {
      let isOver = false;
      const finish = (outcome: Outcome<R>, how: string): void => {
        if (isOver) return;
        isOver = true;
        trace.add(timeline.now, `${host.name} ${how}`);
        resolve(outcome);
      };
      host.onDeath = () => {
        this.#busy.delete(host);
        finish({ kind: 'failed' }, 'is gone');
      };
      timeline.after(timeoutMs, () => {
        if (isOver) return;
        this.#abandon(host);
        finish({ kind: 'failed' }, 'timed out');
      });
      const settle = (outcome: Outcome<R>, how: string): void => {
        if (host.isDead) return;
        this.#release(environment);
        finish(outcome, how);
      };
      const invocation = { host, remainingMs: () => deadline - timeline.now };
      run(value, invocation).then(
        (returned) => settle(this.#reported(returned), `ends ${JSON.stringify(returned)}`),
        (error: unknown) => {
          if (!isExpected(error)) this.#onBug(error);
          settle({ kind: 'failed' }, `throws ${(error as Error).name}`);
        },
      );
    });
  }

  #environment(): Environment<T> {
    const at = this.#random.below(this.#warm.length + 1);
    const warm = this.#warm[at];
    if (warm && !this.#random.chance(this.#around.faults.cold)) {
      this.#warm.splice(at, 1);
      return warm;
    }
    this.#started += 1;
    const host = new Host(
      `${this.#name}.${this.#started}`,
      this.#around,
      this.#random.fork(String(this.#started)),
    );
    return { host, value: this.#create(host), generation: this.#generation };
  }

  #abandon(host: Host): void {
    if (this.#random.chance(this.#around.faults.zombie)) {
      host.isZombie = true;
      this.#around.situations.meet('zombie');
      // Just after the time-out is when a zombie does most harm.
      if (this.#random.chance(0.4)) host.hasten(this.#random.between(0, ZOMBIE_WAKES_MS));
    } else host.die();
  }

  #release(environment: Environment<T>): void {
    const { host, generation } = environment;
    this.#busy.delete(host);
    if (generation !== this.#generation) return;
    if (host.isZombie && this.#random.chance(0.5)) {
      host.isDead = true;
      return;
    }
    if (host.isZombie) this.#around.situations.meet('zombie serves again');
    this.#warm.push(environment);
  }

  #reported<R>(value: R): Outcome<R> {
    if (!this.#random.chance(this.#around.faults.lostResponse)) return { kind: 'returned', value };
    this.#around.situations.meet('response lost');
    return { kind: 'failed' };
  }
}

/** Errors by which the engine says that the invocation should be tried again. */
const isExpected = (error: unknown): boolean =>
  error instanceof RetryableError ||
  error instanceof UnknownOutcomeError ||
  error instanceof FencedError;
