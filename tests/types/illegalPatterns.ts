/** Patterns that must not compile. */
import { seconds } from '../../shared/index.ts';
import { type Pattern, sequence, type TimedPattern } from '../../shared/job/pattern/sequence.ts';

interface Login {
  readonly outcome: 'fail' | 'success';
}
const failed = (event: Login): boolean => event.outcome === 'fail';
const fail = sequence('fail', failed);

// @ts-expect-error consecutive speaks of repetitions, and there are none
fail.consecutive();

// @ts-expect-error a step is repeated so many times, not so many times so many times
fail.times(2).times(3);

// @ts-expect-error it is consecutive already
fail.times(2).consecutive().consecutive();

// @ts-expect-error the count comes first
fail.times(2).consecutive().times(3);

// @ts-expect-error a pattern has one limit of time
fail.within(seconds(2)).within(seconds(3));

// @ts-expect-error the limit is of the whole pattern, so no step comes after it
fail.within(seconds(2)).next('again', failed);

// @ts-expect-error neither does a repetition
fail.within(seconds(2)).times(2);

// @ts-expect-error nor after saying that there is none
fail.unbounded().followedBy('again', failed);

// @ts-expect-error a limit is a duration, not a bare number
fail.within(2_000);

// @ts-expect-error a pattern says how long a match may take, or that it may take for ever
const _unsaid: Pattern<Login> = fail.times(2);

// @ts-expect-error what never times out has no limit
const _timed: TimedPattern<Login> = fail.unbounded();

// @ts-expect-error a name used before
fail.next('fail', failed);

// @ts-expect-error also further back
fail.times(2).next('again', failed).followedBy('fail', failed);

// @ts-expect-error also where the type of the event is given and the name was not the first
sequence<Login>('first', failed).next('again', failed).next('again', failed);

// @ts-expect-error a field that the event does not have
sequence<Login>('fail', (event) => event.result === 'fail');

// @ts-expect-error a condition on events of another kind
fail.next('pay', (event: { txId: string }) => event.txId === '');

// @ts-expect-error a condition answers yes or no, and not later
fail.next('again', async () => true);
