/**
 * What each of very many ids did, in detail: rows of a few columns, as `GROUP BY` of several columns gives them.
 *
 * An accumulator holds the rows of new events and the runs that were merged into it, as they are stored: runs are merged when
 * somebody asks, as streams. So a million ids take the bytes of their rows, and no object each.
 */
import { JobDefinitionError } from '../errors.ts';
import { type CompactId, compactId, NOT_UTF8 } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';
import { mergedRows } from './runs/mergeRuns.ts';
import { compareRows, type Row, readRun, type SortedRun, writeRun } from './runs/sortedRun.ts';

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

/** What an id did. */
export interface TallyGroup<Name extends string> {
  readonly id: CompactId;
  /**
   * For each different combination of values one, at least one in all, in the order of values, the first of them first. They may be very many, and are read once, before the next
   * group.
   */
  readonly rows: Iterable<TallyRow<Name>>;
}

const OWN_NAMES: readonly string[] = ['count', 'least', 'greatest'];
/** Of a number in a column: what ids that are numbers stay below. */
const NUMBER_MAX = 10 ** 15;

/**
 * What each of very many ids did: of every id a row for each different combination of values, with the count of its events and
 * the least and the greatest of a number that they bring. The result gives the groups one by one, in the order of ids (whole numbers, then others by code
 * point), as often as it is iterated, and the rows of a group once. Ids and values that are whole numbers below 10^15 are numbers in it. Made for millions of ids with a
 * few rows each.
 *
 * State: a row for each combination, by column; of a batch of 9,000 about 8 bytes an event where ids are numbers of seven digits.
 * Exact: yes.
 * @param idOf the id of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @param values what tells the rows of an id apart, by name, and in which order they come: ids as texts, or whole numbers from 0 to 10^15
 * @param numberOf a whole number of at most 10^15 in size, such as a time; 0 where it is left away. Another one makes the event a dead letter
 * @example tally((view: View) => view.userId, { page: (view: View) => view.page }, (view: View) => view.cents)
 */
export function tally<Event, Name extends string>(
  idOf: (event: Event) => string,
  values: Readonly<Record<Name, (event: Event) => string | number>>,
  numberOf: (event: Event) => number = () => 0,
): Aggregator<Event, TallyState, Iterable<TallyGroup<Name>>> {
  type Value = (event: Event) => string | number;
  const names = Object.keys(values) as Name[];
  checkNames(names);
  const readers: readonly Value[] = [idOf, ...Object.values<Value>(values)];
  const rowsOf = (state: TallyState, after?: CompactId): Iterable<Row> => {
    if (state.added.length > 0) state.runs.push(runOf(state.added.sort(compareRows)));
    state.added = [];
    return mergedRows(state.runs, after);
  };
  const groupsOf = (state: TallyState, after?: CompactId) => ({
    [Symbol.iterator]: () => groups(rowsOf(state, after), names),
  });
  return {
    codec: `tally(${names.join(', ')})`,
    init: () => ({ added: [], runs: [] }),
    add({ added }, event) {
      const ids = readers.map((read) => idIn(read(event)));
      const number = checkedNumber(numberOf(event));
      added.push({ ids, count: 1, least: number, greatest: number });
    },
    result: (state) => groupsOf(state),
    resultAfter: (state, id) => groupsOf(state, compactId(id)),
    encode(state, writer) {
      writeRun(rowsOf(state), readers.length, writer);
    },
    decodeInto(reader, { runs }) {
      runs.push(readRun(reader, readers.length));
    },
  };
}

/** Cuts rows where the id changes. What is left of a group is passed. */
function* groups<Name extends string>(
  rows: Iterable<Row>,
  names: readonly Name[],
): Generator<TallyGroup<Name>> {
  const source = rows[Symbol.iterator]();
  let next = source.next();
  while (!next.done) {
    const [id] = next.value.ids as [CompactId];
    const own = (function* () {
      for (; !next.done && next.value.ids[0] === id; next = source.next()) {
        yield named(names, next.value);
      }
    })();
    yield { id, rows: own };
    while (!own.next().done);
  }
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

/** Rows in order, and as many as there were events: the merge makes one of those with the same ids. */
const runOf = (rows: readonly Row[]): SortedRun => ({
  size: rows.length,
  rowAt: (place) => ({ ...(rows[place] as Row) }),
});

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
