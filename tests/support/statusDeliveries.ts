/** Everything that can happen to a history of a status job on its way, none of which may change an answer. */
import { crash, fire, lostReply, redeliver, type ScenarioStep } from './scenario.ts';

/** Ways to deliver a history, which is given in two halves. */
export function statusDeliveries(
  half: readonly ScenarioStep[],
  rest: readonly ScenarioStep[],
): [name: string, steps: ScenarioStep[]][] {
  const history = [...half, ...rest];
  return [
    ['as they come', history],
    ['backwards', [...history].reverse()],
    ['each three times', history.flatMap((each) => [each, each, each])],
    ['with redeliveries', [...half, redeliver(4), ...rest, redeliver(15), redeliver(4)]],
    ['with timers fired in between', history.flatMap((each) => [each, fire()])],
    ['killed before a row', [crash('before', 'row'), ...half, crash('before', 'row'), ...rest]],
    ['killed after a row', [crash('after', 'row'), ...half, crash('after', 'row'), ...rest]],
    ['killed before the commit', [crash('before'), ...half, crash('before'), ...rest]],
    ['killed after the commit', [crash('after'), ...half, crash('after'), ...rest]],
    ['with the reply to a row lost', [lostReply('row'), ...half, lostReply('row'), ...rest]],
    ['with the reply to a commit lost', [lostReply(), ...half, lostReply(), ...rest]],
  ];
}

/** And where they are forwarded. */
export function forwardedDeliveries(
  half: readonly ScenarioStep[],
  rest: readonly ScenarioStep[],
): [name: string, steps: ScenarioStep[]][] {
  return [
    ['killed before they are forwarded', [crash('before', 'forwarded'), ...half, ...rest]],
    ['killed once they are forwarded', [...half, crash('after', 'forwarded'), ...rest]],
    ['with the reply to what was forwarded lost', [lostReply('forwarded'), ...half, ...rest]],
  ];
}
