/** All jobs under simulation; each may have variants, of which a run takes one. */
import type { Random } from '../random.ts';
import { KEYED_TRIALS } from './keyed.ts';
import { TIMED_TRIALS } from './timed.ts';
import type { Trial } from './trial.ts';
import { USER_TRIALS } from './users.ts';
import { WINDOW_TRIALS } from './windows.ts';

const SEVERAL = 0.2;
/** They are fewer, and more can go wrong in them. */
const KEYED = 0.5;
/** Of the others. By a draw of its own, so that worlds without them are those of before. */
const USERS = 0.25;
const ALL_KEYED = [...KEYED_TRIALS, ...TIMED_TRIALS];

/** One job, or two; `only` names the one job to take. */
export function drawTrials(random: Random, only?: string): Trial[] {
  const all = [...WINDOW_TRIALS, ...USER_TRIALS, ...ALL_KEYED];
  const wanted = all.filter(([first]) => first?.name === only);
  if (only !== undefined && wanted.length === 0) throw new Error(`there is no job ${only}`);
  const users = random.fork('users');
  const draw = () => {
    if (random.chance(KEYED)) return random.pick(ALL_KEYED);
    const window = random.pick(WINDOW_TRIALS);
    return users.chance(USERS) ? users.pick(USER_TRIALS) : window;
  };
  const first = wanted[0] ?? draw();
  const second = draw();
  const areSeveral = only === undefined && random.chance(SEVERAL) && second !== first;
  return (areSeveral ? [first, second] : [first]).map((variants) => random.pick(variants));
}
