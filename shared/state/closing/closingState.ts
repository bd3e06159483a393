/**
 * What `closing` says of a job besides its lease, and the stored form of it.
 *
 * Owns: what is kept of a job between two runs, in which attributes, and how older forms are read. Does not own: the columns
 * of entries and blocks (`pageColumns.ts`), the lease (`closing.ts`), and what follows from all this (`runtime/closing`).
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { StoredIndex } from '../../operators/closing/pageEntry.ts';
import type { EndRange } from '../../operators/closing/windowsDue.ts';
import type { Item, Value } from '../../ports/table.ts';
import { storedAs } from '../formats.ts';
import {
  type BlockColumns,
  blockColumnsOf,
  blocksOf,
  columnsOf,
  entriesOf,
  type PageColumns,
  type RunColumns,
  runColumnsOf,
  runsOf,
} from './pageColumns.ts';

/** What closing knows of a lane. */
export interface MergedLane {
  /** The next slot to merge. */
  readonly cursor: number;
  readonly watermark: Watermark;
  readonly lastValidAt: ProcessingTime | undefined;
  /** When the newest merged commit expires. */
  readonly headExpiresAt: ProcessingTime;
  /** Events found behind what is stored. */
  readonly expired: number;
  /** Nothing follows the newest merged commit. Not known of lanes that ended in format 1. */
  readonly ended?: true;
}

export interface ClosingState extends StoredIndex {
  /** The job's shape that the pages were cut by; undefined before the first run. */
  readonly shape?: string | undefined;
  /** When the first run was. Not known where that was by format 1. */
  readonly startedAt?: ProcessingTime | undefined;
  readonly watermark: Watermark;
  /** By lane name, `<stream>/<shard>`. */
  readonly lanes: ReadonlyMap<string, MergedLane>;
  /** Windows ending up to here take no more events; those of them that have closed are written as final. */
  readonly finalUpTo: Watermark;
  /** Windows that got content after they had closed and were not evaluated since. */
  readonly pending: readonly EndRange[];
  /** Windows ending up to here are no longer stored; content that only they take has expired. */
  readonly expiredBefore: Watermark;
  /** Where closing will be once everything that is merged has its rows; undefined when it is there. */
  readonly goal?: Goal | undefined;
  /** The window that is being written, where one has too many rows for one run. */
  readonly window?: BegunWindow | undefined;
  /** By lane: the commit at the cursor, where only a part of it is merged. */
  readonly begun: ReadonlyMap<string, BegunCommit>;
}

export interface Goal {
  readonly watermark: Watermark;
  readonly finalUpTo: Watermark;
  readonly expiredBefore: Watermark;
}

export interface BegunWindow {
  readonly end: EventTime;
  /** Its rows are written up to this key, in the order of compact ids. */
  readonly after: string;
  /** What these rows come to so far, of a job that sums them up. */
  readonly summed?: Value;
}

export interface BegunCommit {
  readonly slot: number;
  /** How many of its slice contents are merged. */
  readonly contents: number;
}

/** Before the first run. */
export const EMPTY: ClosingState = {
  watermark: NO_WATERMARK,
  lanes: new Map(),
  pages: [],
  blocks: [],
  sealedUpTo: NO_WATERMARK,
  pending: [],
  finalUpTo: NO_WATERMARK,
  expiredBefore: NO_WATERMARK,
  begun: new Map(),
};

interface StoredWindow {
  readonly end: number;
  /** What an earlier order of keys left in the middle is written from the start: by this code, and, where this is empty, by that before it. */
  readonly key?: string;
  readonly after?: string;
  readonly summed?: Value;
}

interface StoredForm {
  readonly shape?: string | undefined;
  readonly startedAt?: number | undefined;
  readonly lanes: [name: string, ...(number | null)[]][];
  readonly pages: PageColumns;
  /** In format 1 these are the runs. */
  readonly blocks: BlockColumns | RunColumns;
  readonly runs?: RunColumns;
  readonly sealedUpTo: number | null;
  /** In format 1 a list of ends. */
  readonly pending?: readonly (readonly [first: number, last: number] | number)[];
  readonly finalUpTo: number | null;
  readonly expiredBefore: number | null;
  readonly goal?: readonly (number | null)[];
  readonly window?: StoredWindow;
  readonly begun?: readonly [lane: string, slot: number, contents: number][];
}

/** The attributes of a `closing` item that say so. */
export const closingAttributes = (state: ClosingState): Item => ({
  ...(state.watermark === NO_WATERMARK ? {} : { watermark: state.watermark }),
  projection: deflateRawSync(JSON.stringify(storedForm(state))),
});

function storedForm(state: ClosingState): StoredForm {
  const { runs = [], pending, goal, window, begun } = state;
  return {
    shape: state.shape,
    startedAt: state.startedAt,
    lanes: [...state.lanes].map(([name, lane]) => [
      name,
      lane.cursor,
      finiteOrNull(lane.watermark),
      lane.lastValidAt ?? null,
      lane.headExpiresAt,
      lane.expired,
      ...(lane.ended ? [1] : []),
    ]),
    pages: columnsOf(state.pages),
    blocks: blockColumnsOf(state.blocks),
    ...(runs.length > 0 ? { runs: runColumnsOf(runs) } : {}),
    sealedUpTo: finiteOrNull(state.sealedUpTo),
    ...(pending.length > 0 ? { pending: pending.map(({ first, last }) => [first, last]) } : {}),
    finalUpTo: finiteOrNull(state.finalUpTo),
    expiredBefore: finiteOrNull(state.expiredBefore),
    ...(goal ? { goal: GOALS.map((name) => finiteOrNull(goal[name])) } : {}),
    ...(window ? { window: { ...window, key: '' } } : {}),
    ...(begun.size > 0
      ? { begun: [...begun].map(([lane, { slot, contents }]) => [lane, slot, contents]) }
      : {}),
  };
}

const GOALS = ['watermark', 'finalUpTo', 'expiredBefore'] as const;

const finiteOrNull = (value: Watermark): number | null => (value === NO_WATERMARK ? null : value);
const watermarkOrNone = (value: number | null | undefined): Watermark =>
  storedAs(value, watermarkAt) ?? NO_WATERMARK;

/** What a `closing` item says. */
export function closingStateIn(item: Item): ClosingState {
  const packed = item['projection'] as Uint8Array;
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredForm;
  return {
    shape: stored.shape,
    startedAt: stored.startedAt === undefined ? undefined : processingTime(stored.startedAt),
    watermark: watermarkOrNone(item['watermark'] as number | undefined),
    lanes: new Map(stored.lanes.map(([name, ...numbers]) => [name, laneOf(numbers)])),
    pages: entriesOf(stored.pages),
    ...blocksIn(stored),
    sealedUpTo: watermarkOrNone(stored.sealedUpTo),
    pending: (stored.pending ?? []).map((range) =>
      typeof range === 'number'
        ? { first: eventTime(range), last: eventTime(range) }
        : { first: eventTime(range[0]), last: eventTime(range[1]) },
    ),
    finalUpTo: watermarkOrNone(stored.finalUpTo),
    expiredBefore: watermarkOrNone(stored.expiredBefore),
    ...restOf(stored),
  };
}

function blocksIn({ blocks, runs }: StoredForm): Pick<ClosingState, 'blocks' | 'runs'> {
  if ('block' in blocks) return { blocks: [], runs: runsOf(blocks) };
  return { blocks: blocksOf(blocks), ...(runs ? { runs: runsOf(runs) } : {}) };
}

/** What is there only while something is left to do. */
function restOf({
  goal,
  window,
  begun,
}: StoredForm): Pick<ClosingState, 'goal' | 'window' | 'begun'> {
  const [watermark, finalUpTo, expiredBefore] = (goal ?? []).map(watermarkOrNone);
  return {
    ...(watermark !== undefined && finalUpTo !== undefined && expiredBefore !== undefined
      ? { goal: { watermark, finalUpTo, expiredBefore } }
      : {}),
    ...(window?.after === undefined ? {} : { window: begunWindow(window, window.after) }),
    begun: new Map((begun ?? []).map(([lane, slot, contents]) => [lane, { slot, contents }])),
  };
}

const begunWindow = ({ end, summed }: StoredWindow, after: string): BegunWindow => ({
  end: eventTime(end),
  after,
  ...(summed === undefined ? {} : { summed }),
});

function laneOf(numbers: readonly (number | null)[]): MergedLane {
  const [cursor, watermark, lastValidAt, headExpiresAt, expired, ended] = numbers;
  return {
    cursor: cursor ?? 0,
    watermark: watermarkOrNone(watermark),
    lastValidAt: storedAs(lastValidAt, processingTime),
    headExpiresAt: processingTime(headExpiresAt ?? 0),
    expired: expired ?? 0,
    ...(ended ? { ended: true } : {}),
  };
}
