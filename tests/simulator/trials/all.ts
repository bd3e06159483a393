/** All jobs under simulation; each may have variants, of which a run takes one. */
import type { Random } from '../random.ts';
import { KEYED_TRIALS } from './keyed.ts';
import { TIMED_TRIALS } from './timed.ts';
import type { Trial } from './trial.ts';
import { WINDOW_TRIALS } from './windows.ts';

const SEVERAL = 0.2;
/** They are fewer, and more can go wrong in them. */
const KEYED = 0.5;
const ALL_KEYED = [...KEYED_TRIALS, ...TIMED_TRIALS];

/** One job, or two; `only` names the one job to take. */
export function drawTrials(random: Random, only?: string): Trial[] {
  const all = [...WINDOW_TRIALS, ...ALL_KEYED];
  const wanted = all.filter(([first]) => first?.name === only);
  if (only !== undefined && wanted.length === 0) throw new Error(`there is no job ${only}`);
  const draw = () => random.pick(random.chance(KEYED) ? ALL_KEYED : WINDOW_TRIALS);
  const first = wanted[0] ?? draw();
  const second = draw();
  const areSeveral = only === undefined && random.chance(SEVERAL) && second !== first;
  return (areSeveral ? [first, second] : [first]).map((variants) => random.pick(variants));
}
