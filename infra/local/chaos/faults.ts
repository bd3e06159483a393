/**
 * Functions whose invocations are killed, repeated, doubled and overtaken, at moments drawn from a seed. Whoever invokes them,
 * mappings, schedules and nudges alike, sees what they would see of Lambda.
 *
 * The seed draws the pauses between faults and what each one is like; which invocation it hits is a matter of the machine.
 */
import type { Random } from '../../../inputs/generate/random.ts';
import type { LocalFunctions } from '../functions.ts';
import type { Tally } from './tally.ts';
import type { Victims } from './victims.ts';

export interface Faults {
  readonly functions: LocalFunctions;
  /** From now on nothing is done to an invocation; resolves when none to which something was or could be done is under way. */
  calm(): Promise<void>;
}

export interface FaultOptions {
  readonly functions: LocalFunctions;
  /** The same functions in an execution environment of their own. */
  readonly others: LocalFunctions;
  readonly victims: Victims;
  readonly random: Random;
  readonly tally: Tally;
  /** Hears of an invocation that failed while nobody waited for it. */
  readonly onFailure: (error: unknown, functionName: string) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

type Fault = 'kill' | 'again' | 'zombie' | 'late';

/** Between two faults of a kind. The first of a kind comes sooner, so that a short input meets each. */
const PAUSE_MS: Readonly<Record<Fault, { readonly min: number; readonly max: number }>> = {
  kill: { min: 800, max: 4_000 },
  again: { min: 1_500, max: 7_000 },
  zombie: { min: 1_500, max: 7_000 },
  late: { min: 1_500, max: 7_000 },
};
const FIRST_SHARE = 0.2;
/** A batch makes a few requests, and a run that closes windows dozens. */
const REQUESTS_MAX = { batch: 6, run: 24 } as const;
/** Of each lane; so far back may a checkpoint be. */
const BATCHES_KEPT_MAX = 6;

export function disturbed(options: FaultOptions): Faults {
  const { functions, others, victims, tally, onFailure } = options;
  const due = new DueFaults(options);
  const delivered = new Map<string, unknown[]>();
  /** Invocations that are to die, that nobody else waits for, and batches with what comes of them besides. */
  const underWay = new Set<Promise<unknown>>();
  let isCalm = false;

  const noted = (invocation: Promise<unknown>): Promise<unknown> => {
    const ended = invocation.catch(() => {}).finally(() => underWay.delete(ended));
    underWay.add(ended);
    return invocation;
  };

  /** Asked right before it is done: the stack may have become calm since the batch came. */
  const takes = (kind: Fault): boolean => !isCalm && due.take(kind);

  async function invoke(name: string, event: unknown): Promise<unknown> {
    const lane = laneIn(event);
    if (victims.isReady && takes('kill')) {
      return noted(kill(name, event, lane === undefined ? REQUESTS_MAX.run : REQUESTS_MAX.batch));
    }
    if (isCalm || lane === undefined) return functions.invoke(name, event);
    return noted(deliver(`${name} ${lane}`, name, event));
  }

  async function kill(name: string, event: unknown, requestsMax: number): Promise<unknown> {
    const result = await victims.invoke(name, event, requestsMax);
    // It was over before, and lives.
    due.again('kill');
    return result;
  }

  /** A batch, and what comes of it besides. What fails when it comes again fails the batch, which then comes once more. */
  async function deliver(lane: string, name: string, event: unknown): Promise<unknown> {
    const earlier = delivered.get(lane) ?? [];
    if (takes('zombie')) leave(name, event);
    const result = await functions.invoke(name, event);
    if (takes('again')) {
      tally.twice += 1;
      await functions.invoke(name, event);
    }
    if (earlier.length > 0 && takes('late')) {
      for (const each of earlier.slice(due.drawn(earlier.length))) {
        tally.late += 1;
        await functions.invoke(name, each);
      }
    }
    delivered.set(lane, [...earlier, event].slice(-BATCHES_KEPT_MAX));
    return result;
  }

  /** A try that is taken for lost and works on, beside the next one and what follows it. */
  function leave(name: string, event: unknown): void {
    tally.twice += 1;
    noted(others.invoke(name, event)).catch((error) => onFailure(error, name));
  }

  return {
    functions: { has: (name) => functions.has(name), invoke },
    async calm() {
      isCalm = true;
      while (underWay.size > 0) await Promise.all(underWay);
      await victims.stop();
    },
  };
}

/** When the next fault of each kind is due. */
class DueFaults {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #at: Map<Fault, number>;

  constructor({ random, now }: Pick<FaultOptions, 'random' | 'now'>) {
    this.#random = random;
    this.#now = now;
    const kinds = Object.keys(PAUSE_MS) as Fault[];
    this.#at = new Map(kinds.map((kind) => [kind, now() + FIRST_SHARE * this.#pauseMs(kind)]));
  }

  take(kind: Fault): boolean {
    if (this.#now() < (this.#at.get(kind) ?? 0)) return false;
    this.#at.set(kind, this.#now() + this.#pauseMs(kind));
    return true;
  }

  /** The next one is due at once: this one came to nothing. */
  again(kind: Fault): void {
    this.#at.set(kind, this.#now());
  }

  /** From 0 to below `count`. */
  drawn(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pauseMs(kind: Fault): number {
    const { min, max } = PAUSE_MS[kind];
    return min + this.#random() * (max - min);
  }
}

/** Whose records an event brings; undefined where it brings none. */
function laneIn(event: unknown): string | undefined {
  const records: unknown =
    typeof event === 'object' && event !== null ? Reflect.get(event, 'Records') : undefined;
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  if (typeof first !== 'object' || first === null) return undefined;
  const shard = String(Reflect.get(first, 'eventID')).split(':', 1)[0];
  return `${Reflect.get(first, 'eventSourceARN')} ${shard}`;
}
