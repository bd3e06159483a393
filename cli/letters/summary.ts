/** Dead letters by why they are dead: one line for what differs in the found values only. */
import { type ArrivalTime, earliest, isoTime, latest } from '../../shared/model/time.ts';
import type { DeadLetter, LetterState } from '../../shared/state/deadLetters.ts';
import { textTable, valueText } from '../output/table.ts';

export interface ReasonSummary {
  /** That of the first of them. */
  readonly reason: string;
  letters: number;
  readonly states: Map<LetterState, number>;
  first: ArrivalTime;
  last: ArrivalTime;
}

/** Reasons may quote anything; what comes after so many is summed up as one. */
const REASONS_MAX = 1_000;
const OTHERS = 'other reasons';

/** The most frequent first. */
export async function summaryOf(letters: AsyncIterable<DeadLetter>): Promise<ReasonSummary[]> {
  const byKind = new Map<string, ReasonSummary>();
  for await (const { reason, state, arrival } of letters) {
    const kind = kindOf(reason);
    const isOther = byKind.size >= REASONS_MAX && !byKind.has(kind);
    const name = isOther ? OTHERS : kind;
    const summary = byKind.get(name) ?? {
      reason: isOther ? OTHERS : reason,
      letters: 0,
      states: new Map(),
      first: arrival,
      last: arrival,
    };
    byKind.set(name, summary);
    summary.letters += 1;
    summary.states.set(state, (summary.states.get(state) ?? 0) + 1);
    summary.first = earliest(summary.first, arrival);
    summary.last = latest(summary.last, arrival);
  }
  return [...byKind.values()].sort((a, b) => b.letters - a.letters);
}

/** Without what was found, quoted texts and numbers: these differ from event to event. */
const kindOf = (reason: string): string =>
  reason
    .replace(/\(found .*$/s, '')
    .replaceAll(/"(?:[^"\\]|\\.)*"?/g, '""')
    .replaceAll(/\d+/g, '0');

const HEAD = ['letters', 'states', 'first arrived', 'last arrived', 'reason (of the first)'];

export const summaryTable = (summaries: readonly ReasonSummary[]): string =>
  textTable(
    HEAD,
    summaries.map(({ letters, states, first, last, reason }) => [
      valueText(letters),
      [...states].map(([state, count]) => `${state} ${valueText(count)}`).join(', '),
      valueText(isoTime(first)),
      valueText(isoTime(last)),
      reason,
    ]),
  );

export const summaryLine = ({ reason, letters, states, first, last }: ReasonSummary): string =>
  JSON.stringify({
    reason,
    letters,
    states: Object.fromEntries(states),
    first: isoTime(first),
    last: isoTime(last),
  });
