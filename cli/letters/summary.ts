/** Dead letters by why they are dead: one line for what differs in the found values only. */
import { type ArrivalTime, earliest, isoTime, latest } from '../../shared/model/time.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { DeadLetter, LetterState } from '../../shared/state/deadLetters.ts';
import { printCsv } from '../output/csv.ts';
import type { OutputFormat } from '../output/format.ts';
import { terminalSize } from '../output/terminal.ts';
import { type Column, textTable } from '../output/textTable.ts';
import { valueText } from '../output/valueText.ts';

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

/** On standard output. */
export async function printSummaries(
  summaries: readonly ReasonSummary[],
  format: OutputFormat,
): Promise<void> {
  const items = summaries.map(shown);
  switch (format) {
    case 'json':
      for (const item of items) console.log(JSON.stringify(item));
      return;
    case 'csv':
      return printCsv(
        COLUMNS.map(({ name }) => name),
        items,
      );
    case 'table':
      console.log(summaryTable(summaries, terminalSize(process.stdout)?.columns));
  }
}

const shown = ({ reason, letters, states, first, last }: ReasonSummary): Item => ({
  reason,
  letters,
  states: Object.fromEntries(states),
  first: isoTime(first),
  last: isoTime(last),
});

/** As names in JSON, and as heads. */
const COLUMNS: readonly (Column & { readonly name: string })[] = [
  { name: 'reason', head: 'reason (of the first)', kind: 'text' },
  { name: 'letters', head: 'letters', kind: 'figures' },
  { name: 'states', head: 'states', kind: 'text', cutAt: 'never' },
  { name: 'first', head: 'first arrived', kind: 'text', cutAt: 'never' },
  { name: 'last', head: 'last arrived', kind: 'text', cutAt: 'never' },
];

/** @param width of the terminal that it is for, if it is for one */
export const summaryTable = (summaries: readonly ReasonSummary[], width?: number): string =>
  textTable(
    COLUMNS,
    summaries.map(shown).map((item) => COLUMNS.map(({ name }) => valueText(item[name]))),
    width,
  );
