/**
 * Texts as a table in a frame, without colours. In a file or a pipe, every cell is whole, so that grep finds it; on a
 * terminal, a table is at most as wide as that, and counts have bars where there is room left.
 *
 * Own lines: cli-table3 measures texts as terminals of 2020 did, cuts an emoji in two, and takes time by the square of its rows.
 */
import { bar, barWidths } from './bars.ts';
import { columnWidths, frameWidth, sum } from './columnWidths.ts';
import { printable } from './printable.ts';
import { type CutAt, cut, padEnd, padStart, textWidth } from './width.ts';

export interface Column {
  readonly head: string;
  /** Figures stand below each other by their ends, and are whole or not there: a part of one is another one. */
  readonly kind: 'text' | 'figures';
  /** Of a text that is too wide; absent: the end. `never` is for short ones. */
  readonly cutAt?: CutAt | 'never';
  /** The count in each row, for bars. */
  readonly counts?: readonly number[];
}

type Cells = readonly string[];

/** What a text of a narrow table needs to say something: a time, some entries of a ranking. */
const TEXT_WIDTH_MIN = 24;

/**
 * @param rows their cells, which may hold text of events: they are escaped here
 * @param width of the terminal; without one, nothing is cut and there are no bars
 */
export function textTable(
  columns: readonly Column[],
  rows: readonly Cells[],
  width?: number,
): string {
  if (rows.length === 0) return 'none';
  const heads = columns.map(({ head }) => printable(head));
  const body = rows.map((row) => row.map(printable));
  const natural = columns.map((_, i) => widest([heads, ...body], i));
  const widths =
    width === undefined ? natural : columnWidths(natural.map(wantedOf(columns)), width);
  const bars = width === undefined ? [] : barsBeside(columns, natural, width);
  const shown = columns.slice(0, widths.length).map((column, i) => ({
    text: (cells: Cells) => cellText(column, cells[i] ?? '', widths[i] ?? 0),
    bars: bars[i] ?? NO_BARS,
  }));
  const line = (cells: Cells, row?: number) =>
    `│ ${shown.map((each) => each.text(cells) + each.bars(row)).join(' │ ')} │`;
  const [head, ...lines] = [line(heads), ...body.map(line)];
  const around = shown.map((each, i) => (widths[i] ?? 0) + each.bars().length);
  return [
    border('┌┬┐', around),
    head,
    border('├┼┤', around),
    ...lines,
    border('└┴┘', around),
    ...leftOut(heads.slice(widths.length), width),
  ].join('\n');
}

const widest = (lines: readonly Cells[], column: number): number =>
  lines.reduce((width, cells) => Math.max(width, textWidth(cells[column] ?? '')), 1);

function wantedOf(columns: readonly Column[]) {
  return (natural: number, i: number) => {
    const { kind, cutAt } = columns[i] ?? {};
    const least = Math.min(natural, TEXT_WIDTH_MIN);
    if (kind === 'figures' || cutAt === 'never') return { natural, least: natural };
    // An id of which the end is enough leaves the room to others.
    return { natural: cutAt === 'start' ? least : natural, least };
  };
}

function cellText({ kind, cutAt }: Column, text: string, width: number): string {
  const shown = cut(text, width, cutAt === 'start' ? 'start' : 'end');
  return kind === 'figures' ? padStart(shown, width) : padEnd(shown, width);
}

/** What stands behind the cells of a column, in a row or above all of them: always as wide. */
type Bars = (row?: number) => string;

const NO_BARS: Bars = () => '';

/** In the room that the whole table leaves: nothing is cut for a bar. */
function barsBeside(columns: readonly Column[], natural: readonly number[], width: number): Bars[] {
  const room = width - frameWidth(natural.length) - sum(natural);
  const counted = columns.filter(({ counts }) => counts);
  const widths = barWidths(counted.length, Math.max(0, room));
  return columns.map((column) => {
    const barWidth = widths[counted.indexOf(column)];
    const { counts = [] } = column;
    if (barWidth === undefined) return NO_BARS;
    const greatest = counts.reduce((a, b) => Math.max(a, b), 0);
    return (row = -1) => ` ${bar(counts[row] ?? 0, greatest, barWidth).padEnd(barWidth)}`;
  });
}

function border([left, middle, right]: string, widths: readonly number[]): string {
  return `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`;
}

const leftOut = (heads: Cells, width = 0): string[] =>
  heads.length === 0
    ? []
    : [cut(`no room for ${heads.join(', ')}; piped to less -S, all is shown`, width)];
