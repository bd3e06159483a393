/** What somebody sees who watches a result table: a picture that is drawn again in place, or lines of what changes. */
import { createLogUpdate } from 'log-update';
import { isoTime } from '../../shared/model/time.ts';
import type { Clock } from '../../shared/ports/ports.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { View } from '../watch.ts';
import { printable } from './printable.ts';
import { jsonLine, type ShownTable } from './rows.ts';
import { rowsTable } from './rowsTable.ts';
import { say } from './say.ts';
import { type TerminalSize, terminalSize } from './terminal.ts';
import { valueText } from './valueText.ts';
import { cut } from './width.ts';

export interface Watched {
  readonly table: ShownTable;
  /** Which rows, in a few words. */
  readonly about: readonly string[];
  readonly everySeconds: number;
}

interface Reading {
  readonly rows: readonly Item[];
  readonly at: ReturnType<Clock['now']>;
}

/** Draws rows in the order in which they come; those that a terminal has no lines for are counted. */
export function pictureView(
  stream: NodeJS.WriteStream,
  watched: Watched,
  clock: Clock,
): View<readonly Item[]> {
  const update = createLogUpdate(stream);
  let last: Reading | undefined;
  const draw = (failure?: string) => {
    const size = terminalSize(stream);
    if (last && size) update(pictureLines(watched, last, size, failure).join('\n'));
  };
  return {
    show(rows) {
      last = { rows, at: clock.now() };
      draw();
    },
    fail: draw,
    end: () => update.done(),
  };
}

/** Of a table: its frame and head, and the line that names what it has no room for; below it the one of rows, and the cursor's. */
const LINES_BESIDE_ROWS = 4 + 1 + 1 + 1;

function pictureLines(
  { table, about, everySeconds }: Watched,
  { rows, at }: Reading,
  size: TerminalSize,
  failure: string | undefined,
): string[] {
  const time = isoTime(at).slice(11, 19);
  const count = `${valueText(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`;
  const above = [
    `${table.name} at ${time} UTC: ${[count, ...about].join(', ')}, every ${everySeconds} s`,
    ...(failure === undefined ? [] : [`no answer since: ${failure}`]),
  ].map((line) => cut(printable(line), size.columns));
  const room = Math.max(1, size.rows - above.length - LINES_BESIDE_ROWS);
  const more = rows.length - room;
  return [
    ...above,
    rowsTable(rows.slice(0, room), table, size.columns),
    ...(more > 0 ? [`${valueText(more)} more`] : []),
  ];
}

/** Prints the lines that the last reading did not have: a row that is new, or another one under its keys. */
export function changesView(table: ShownTable): View<readonly Item[]> {
  let before = new Set<string>();
  let lastFailure: string | undefined;
  return {
    show(rows) {
      const lines = rows.map((row) => jsonLine(row, table));
      for (const line of lines) if (!before.has(line)) console.log(line);
      before = new Set(lines);
      lastFailure = undefined;
    },
    fail(text) {
      if (text !== lastFailure) say(`warning: nothing new for now: ${text}`);
      lastFailure = text;
    },
    end() {},
  };
}
