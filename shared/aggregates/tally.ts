/**
 * What each of very many ids did, in detail: rows of a few columns, as `GROUP BY` of several columns gives them.
 *
 * An accumulator holds the rows of new events and the runs that were merged into it, as they are stored: runs are merged when
 * somebody asks, as streams. So a million ids take the bytes of their rows, and no object each.
 */
import { JobDefinitionError } from '../errors.ts';
import { type CompactId, compactId, compareCodePoints, NOT_UTF8 } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';
import { mergedGroups } from './runs/mergeRuns.ts';
import { type Row, readRun, type SortedRun, sortRows, writeRun } from './runs/sortedRun.ts';

interface TallyState {
  /** Of events that were added, in any order. */
  added: Row[];
  readonly runs: SortedRun[];
}

/** One combination of values that an id had. */
export type TallyRow<Name extends string> = Readonly<Record<Name, CompactId>> & {
  /** Of events. */
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
};

/** What an id did: a row for each different combination of values, at least one. */
export interface TallyGroup<Name extends string> {
  readonly id: CompactId;
  readonly rows: readonly TallyRow<Name>[];
}

const OWN_NAMES: readonly string[] = ['count', 'least', 'greatest'];
/** Of a number in a column: what ids that are numbers stay below. */
const NUMBER_MAX = 10 ** 15;

/**
 * What each of very many ids did: of every id a row for each different combination of values, with the count of its events and
 * the least and the greatest of a number that they bring. The result gives the groups one by one, in the order of ids (whole numbers, then others by code
 * point), as often as it is iterated. Ids and values that are whole numbers below 10^15 are numbers in it. Made for millions of ids with a
 * few rows each.
 *
 * State: a row for each combination, by column; a batch of the sample's users takes about 6 bytes an event.
 * Exact: yes.
 * @param idOf the id of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @param values what tells the rows of an id apart, by name: ids as texts, or whole numbers from 0 to 10^15
 * @param numberOf a whole number of at most 10^15 in size, such as a time; 0 where it is left away. Another one makes the event a dead letter
 * @example tally((view: View) => view.userId, { page: (view: View) => view.page }, (view: View) => view.cents)
 */
export function tally<Event, Name extends string>(
  idOf: (event: Event) => string,
  values: Readonly<Record<Name, (event: Event) => string | number>>,
  numberOf: (event: Event) => number = () => 0,
): Aggregator<Event, TallyState, Iterable<TallyGroup<Name>>> {
  type Value = (event: Event) => string | number;
  const sorted = Object.entries<Value>(values).sort(([a], [b]) => compareCodePoints(a, b));
  const names = sorted.map(([name]) => name as Name);
  checkNames(names);
  const readers: readonly Value[] = [idOf, ...sorted.map(([, read]) => read)];
  const rowsOf = (state: TallyState): Iterable<Row[]> => {
    if (state.added.length > 0) state.runs.push(runOf(sortRows(state.added)));
    state.added = [];
    return mergedGroups(state.runs);
  };
  return {
    codec: `tally(${names.join(', ')})`,
    init: () => ({ added: [], runs: [] }),
    add({ added }, event) {
      const ids = readers.map((read) => idIn(read(event)));
      const number = checkedNumber(numberOf(event));
      added.push({ ids, count: 1, least: number, greatest: number });
    },
    result: (state) => ({
      *[Symbol.iterator]() {
        for (const rows of rowsOf(state)) {
          yield { id: rows[0]?.ids[0] as CompactId, rows: rows.map((row) => named(names, row)) };
        }
      },
    }),
    encode(state, writer) {
      writeRun(flattened(rowsOf(state)), readers.length, writer);
    },
    decodeInto(reader, { runs }) {
      runs.push(readRun(reader, readers.length));
    },
  };
}

function idIn(value: string | number): CompactId {
  if (typeof value === 'string') {
    const id = compactId(value);
    if (typeof id === 'string' && !id.isWellFormed()) throw new RangeError(NOT_UTF8);
    return id;
  }
  if (Number.isInteger(value) && value >= 0 && value < NUMBER_MAX) return value;
  throw new RangeError(`${value} is not a whole number from 0 to below 10^15, to tell rows by`);
}

function checkedNumber(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) <= NUMBER_MAX) return value;
  throw new RangeError(`${value} is not a whole number of at most 10^15 in size`);
}

/** Rows in order that are no stored run. */
const runOf = (rows: readonly Row[]): SortedRun => ({
  size: rows.length,
  groupAt: (place) => rows[place]?.ids[0] as CompactId,
  rowAt: (place) => ({ ...(rows[place] as Row) }),
});

function* flattened(groups: Iterable<readonly Row[]>): Generator<Row> {
  for (const rows of groups) yield* rows;
}

function named<Name extends string>(
  names: readonly Name[],
  { ids, count, least, greatest }: Row,
): TallyRow<Name> {
  const row: Record<string, CompactId> = { count, least, greatest };
  for (let i = 0; i < names.length; i += 1) row[names[i] as Name] = ids[i + 1] as CompactId;
  return row as TallyRow<Name>;
}

function checkNames(names: readonly string[]): void {
  const taken = names.find((name) => OWN_NAMES.includes(name));
  if (taken === undefined) return;
  throw new JobDefinitionError(
    `tally: a value cannot be named ${taken}, which every row has; give it another name`,
  );
}
