/** Patterns that compile: events flow into conditions and matches, and a time limit is seen by types. */
import { expectTypeOf } from 'vitest';
import { minutes, seconds } from '../../shared/index.ts';
import {
  type Match,
  type Pattern,
  sequence,
  type TimedPattern,
} from '../../shared/job/pattern/sequence.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { advance } from '../../shared/operators/pattern/advance.ts';

interface Login {
  readonly outcome: 'fail' | 'success';
}

/** A count that only the deployment knows. */
export const guessing = (failures: number): TimedPattern<Login> =>
  sequence<Login>('fail', (event) => event.outcome === 'fail')
    .times(failures)
    .consecutive()
    .within(seconds(2));

export const orders = sequence('create', (event: { type: string }) => event.type === 'create')
  .followedBy('pay', (event) => {
    expectTypeOf(event).toEqualTypeOf<{ type: string }>();
    return event.type === 'pay';
  })
  .within(minutes(15));
expectTypeOf(orders).toExtend<Pattern<{ type: string }>>();
expectTypeOf(orders.within).toEqualTypeOf<Duration>();

export const unlimited = sequence<Login>('fail', () => true)
  .times(2)
  .next('success', (event) => event.outcome === 'success')
  .unbounded();
expectTypeOf(unlimited.within).toEqualTypeOf<Duration | undefined>();

/** Names that types do not know may be anything; a name that they know still counts. */
export const named = (names: readonly string[]): Pattern<Login> =>
  sequence<Login>(names[0] ?? 'first', () => true)
    .next(names[1] ?? 'second', () => true)
    .followedBy('third', () => true)
    .unbounded();

expectTypeOf<ReturnType<typeof advance<Login>>['matches']>().toEqualTypeOf<
  readonly Match<Login>[]
>();
