/** What starts runs of a scheduled function for one job: a schedule that may be late, doubled or skip, and nudges that may be lost. */
import type { Random } from '../random.ts';
import type { Outcome } from './functions.ts';
import type { Surroundings } from './host.ts';

export type Trigger = 'schedule' | 'nudge' | 'endOfInput';

export interface ScheduleOptions<Report> {
  /** As situations call its runs. */
  readonly name: 'closing' | 'timer';
  invoke(trigger: Trigger, timeoutMs: number): Promise<Outcome<Report>>;
  /** Called for every run that returned. */
  note(report: Report): void;
}

const EVERY_MS = 60_000;
const LATE_MS = 90_000;
const NUDGE_MS: readonly [number, number] = [5, 3_000];
/** Below and above the leases, so that a zombie may or may not still hold one. */
const TIMEOUTS_MS = [15_000, 90_000] as const;

export class Schedule<Report> {
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #options: ScheduleOptions<Report>;
  /** Runs under way, zombies not counted. */
  #running = 0;

  constructor(around: Surroundings, random: Random, options: ScheduleOptions<Report>) {
    this.#around = around;
    this.#random = random;
    this.#options = options;
  }

  /** Starts the schedule anew; it goes on while the condition holds. */
  start(isOn: () => boolean): void {
    const tick = (): void => {
      if (!isOn()) return;
      this.#scheduled();
      this.#around.timeline.after(EVERY_MS, tick);
    };
    this.#around.timeline.after(this.#random.between(0, EVERY_MS), tick);
  }

  nudge(): void {
    const { faults, situations, timeline } = this.#around;
    if (this.#random.chance(faults.nudgeLost)) {
      situations.meet('nudge lost');
      return;
    }
    const times = this.#random.chance(faults.nudgeTwice) ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      timeline.after(this.#random.between(...NUDGE_MS), () => this.run('nudge'));
    }
  }

  async run(trigger: Trigger): Promise<Report | undefined> {
    const { name, invoke, note } = this.#options;
    if (this.#running > 0) this.#around.situations.meet(`${name} runs overlap`);
    this.#running += 1;
    const outcome = await invoke(trigger, this.#random.pick(TIMEOUTS_MS));
    this.#running -= 1;
    if (outcome.kind === 'failed') return undefined;
    note(outcome.value);
    return outcome.value;
  }

  #scheduled(): void {
    const { faults, situations, timeline } = this.#around;
    if (this.#random.chance(faults.scheduleSkipped)) {
      situations.meet('schedule skipped');
      return;
    }
    const times = this.#random.chance(faults.scheduleTwice) ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      const isLate = this.#random.chance(faults.scheduleLate);
      const delay = isLate ? this.#random.between(1_000, LATE_MS) : 0;
      timeline.after(delay, () => this.run('schedule'));
    }
  }
}
