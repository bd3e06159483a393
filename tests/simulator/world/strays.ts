/** Events that come on another shard than their key's: they were packed for the shards of before. */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Situations } from '../situations.ts';
import type { StreamModel } from '../streams/model.ts';
import type { EventTimes } from './eventTimes.ts';
import { type Line, lineOf } from './recordLines.ts';

const STRAYS = 0.15;
const LAG_MAX_MS = 2 * 3_600_000;

export class Strays {
  readonly #variety: number;
  readonly #isOff: boolean;
  readonly #situations: Situations;
  readonly #random: Random;
  readonly #times: EventTimes;

  /** @param random of its own, so that a run is the same but for these events */
  constructor(scenario: Scenario, situations: Situations, random: Random, times: EventTimes) {
    this.#variety = scenario.variety;
    this.#isOff = scenario.trials.some(hangsOnLag);
    this.#situations = situations;
    this.#random = random;
    this.#times = times;
  }

  /** The lines of a record, one of them another key's now and then. */
  among(lines: readonly Line[], model: StreamModel): readonly Line[] {
    if (lines.length < 2 || this.#isOff || !this.#random.chance(STRAYS)) return lines;
    const key = model.partitionKey(this.#random, this.#variety);
    const stray = { ...lineOf(model.event(key, this.#times.next(), this.#random)), key };
    this.#situations.meet('event packed with those of another shard');
    const at = this.#random.below(lines.length);
    return lines.map((line, i) => (i === at ? stray : line));
  }
}

/**
 * Which records of a key meet depends on how far two lanes are apart, where a status job on several streams forgets sooner than that: then
 * each key stays on its lane.
 */
export const hangsOnLag = ({ analysis, stateRetention }: Scenario['trials'][number]): boolean =>
  analysis.kind === 'status' && !analysis.isKeyed && stateRetention < LAG_MAX_MS;
