/** Random patterns over random letters, against the definition and against themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Pattern, sequence } from '../../shared/job/pattern/sequence.ts';
import type { Contiguity } from '../../shared/job/pattern/steps.ts';
import { milliseconds } from '../../shared/model/time.ts';
import { partialMatches } from '../../shared/operators/pattern/state.ts';
import { is, type Letter, type Moment, run } from '../unit/operators/pattern/letters.ts';
import { answer, type Slot } from '../unit/operators/pattern/reference.ts';

interface Drawn {
  readonly steps: readonly {
    kinds: string;
    follows: Contiguity;
    times: number;
    inside: Contiguity;
  }[];
  readonly within: number | undefined;
}

const contiguity = fc.constantFrom<Contiguity>('strict', 'relaxed');
const drawn: fc.Arbitrary<Drawn> = fc.record({
  steps: fc.array(
    fc.record({
      kinds: fc.constantFrom('a', 'b', 'c', 'ab', 'bc', 'abc'),
      follows: contiguity,
      times: fc.integer({ min: 1, max: 3 }),
      inside: contiguity,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  within: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
});

const input: fc.Arbitrary<Moment[]> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0, 0, 1, 1, 2, 3)), {
    maxLength: 9,
  })
  .map((drawnEvents) => {
    let at = 0;
    return drawnEvents.map(([kind, gap], i) => {
      at += gap;
      return { label: `${kind}${i}`, at };
    });
  });

function declared({ steps, within }: Drawn): Pattern<Letter> {
  const [first, ...rest] = steps;
  const begin = sequence('s0', is(first?.kinds ?? '')).times(first?.times ?? 1);
  const whole = rest.reduce(
    (so, { kinds, follows, times, inside }, i) => {
      const name: string = `s${i + 1}`;
      const step = follows === 'strict' ? so.next(name, is(kinds)) : so.followedBy(name, is(kinds));
      return inside === 'strict' ? step.times(times).consecutive() : step.times(times);
    },
    first?.inside === 'strict' ? begin.consecutive() : begin,
  );
  return within === undefined ? whole.unbounded() : whole.within(milliseconds(within));
}

const slotsOf = ({ steps }: Drawn): Slot[] =>
  steps.flatMap(({ kinds, follows, times, inside }) =>
    Array.from({ length: times }, (_, i) => ({ kinds, follows: i === 0 ? follows : inside })),
  );

const watermark = (at: number): Moment => ({ label: 'W', at });

describe('any pattern', () => {
  it('matches what its definition says, and times out what it says', () => {
    fc.assert(
      fc.property(drawn, input, fc.integer({ min: 0, max: 8 }), (pattern, events, wait) => {
        const until = (events.at(-1)?.at ?? 0) + wait;
        const { matches, timedOut } = run(declared(pattern), [...events, watermark(until)]);
        const expected = answer(slotsOf(pattern), pattern.within ?? Infinity, events, until);
        expect({ matches, timedOut }).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('goes on from its stored state as from the one in memory', () => {
    fc.assert(
      fc.property(drawn, input, (pattern, events) => {
        const stored = run(declared(pattern), events, (state) =>
          state === undefined ? undefined : JSON.parse(JSON.stringify(state)),
        );
        expect(stored).toEqual(run(declared(pattern), events));
      }),
    );
  });

  it('gives the same whenever the watermark comes by, between its events', () => {
    fc.assert(
      fc.property(drawn, input, fc.infiniteStream(fc.boolean()), (pattern, events, comes) => {
        const end = watermark((events.at(-1)?.at ?? 0) + 20);
        const visited = events.flatMap((event) =>
          comes.next().value ? [watermark(event.at), event] : [event],
        );
        const often = run(declared(pattern), [...visited, end]);
        const once = run(declared(pattern), [...events, end]);
        expect(often).toEqual(once);
      }),
    );
  });

  it('needs its timers only: called at each, nothing is left to time out', () => {
    fc.assert(
      fc.property(drawn, input, (pattern, events) => {
        const { timers, timedOut } = run(declared(pattern), [...events, watermark(1_000)]);
        const calls = [...new Set(timers)].map(watermark);
        const merged = [...calls, ...events].toSorted((a, b) => a.at - b.at);
        expect(run(declared(pattern), merged).timedOut).toEqual(timedOut);
      }),
    );
  });

  it('keeps no event that none of its partial matches took', () => {
    fc.assert(
      fc.property(drawn, input, (pattern, events) => {
        const { state } = run(declared(pattern), events);
        const taken = new Set(partialMatches(state).flat());
        expect(state?.events.filter((event) => !taken.has(event)) ?? []).toEqual([]);
      }),
    );
  });
});
