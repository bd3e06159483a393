/**
 * Patterns over letters. An input is text such as `a1 x b@2500 W@9000`: an event of kind `a` labelled `a1`,
 * and so on, a second apart unless a time (ms) is given; `W@9000` is the watermark reaching a time.
 */
import type { Match, Pattern } from '../../../../shared/job/pattern/sequence.ts';
import { eventTime } from '../../../../shared/model/time.ts';
import { advance, timeOut } from '../../../../shared/operators/pattern/advance.ts';
import type { PatternState } from '../../../../shared/operators/pattern/state.ts';

export interface Letter {
  readonly label: string;
}

/** Whether the letter is of one of these kinds. */
export const is =
  (kinds: string) =>
  ({ label }: Letter): boolean =>
    kinds.includes(label.charAt(0));

export interface Moment {
  readonly label: string;
  readonly at: number;
}

export function moments(input: string): Moment[] {
  const tokens = input.split(' ').filter((token) => token !== '');
  return tokens.map((token, i) => {
    const [label = '', at] = token.split('@');
    return { label, at: at === undefined ? i * 1_000 : Number(at) };
  });
}

export interface Found {
  readonly state: PatternState | undefined;
  /** Labels of each match's events, in the order of the reports. */
  readonly matches: string[];
  /** Labels, and when the time had come: `a1 b1 @9000`. */
  readonly timedOut: string[];
  readonly timers: number[];
}

const labels = ({ events }: Match<Letter>): string =>
  events.map(({ event }) => event.label).join(' ');

/** Runs the input through the pattern; `store` is what happens to the state between two events. */
export function run(
  pattern: Pattern<Letter>,
  input: readonly Moment[],
  store: (state: PatternState | undefined) => PatternState | undefined = (state) => state,
): Found {
  let state: PatternState | undefined;
  const found: Omit<Found, 'state'> = { matches: [], timedOut: [], timers: [] };
  let index = 0;
  for (const { label, at } of input) {
    const time = eventTime(at);
    const transition =
      label === 'W'
        ? timeOut(pattern, store(state), time)
        : advance(pattern, store(state), {
            event: { label },
            at: time,
            position: `49590338271490256608559692538361571095921575989136588898/${index++}`,
          });
    state = transition.state;
    found.matches.push(...transition.matches.map(labels));
    found.timedOut.push(...transition.timedOut.map((out) => `${labels(out)} @${out.at}`));
    found.timers.push(...transition.timers);
  }
  return { state, ...found };
}
