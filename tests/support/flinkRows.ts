/** The inputs that Apache Flink has answered, and its rows; see `tests/fixtures/flink/README.md`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { publicAttributes } from '../../cli/output/rows.ts';
import { JOBS } from '../../functions/jobs.ts';
import type { JobFamily } from '../../shared/index.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { comparePositions, type Position, parsePosition } from '../../shared/model/position.ts';
import type { Item } from '../../shared/ports/table.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/flink/', import.meta.url));
const EXPECTED = 'expected.jsonl.gz';

/** The jobs that Flink has computed as well: those that the project comes with, and not what somebody adds to them. */
export const FLINK_JOBS: readonly JobFamily[] = JOBS.filter(({ name }) =>
  existsSync(`${FOLDER}${name}`),
);

/** The input files of a folder, by their stream. */
export function flinkInputs(folder: string): Record<StreamName, string> {
  const files = readdirSync(`${FOLDER}${folder}`).filter((file) => file !== EXPECTED);
  return Object.fromEntries(
    files.map((file) => [file.slice(0, file.indexOf('.')), `${FOLDER}${folder}/${file}`]),
  );
}

/** A folder's rows, as `comparableRows` gives them. */
export function flinkRows(folder: string): string[] {
  const lines = gunzipSync(readFileSync(`${FOLDER}${folder}/${EXPECTED}`))
    .toString('utf8')
    .trim();
  const rows = lines.split('\n').map((line) => JSON.parse(line) as Item);
  return comparableRows(Map.groupBy(rows, ({ table }) => String(table)));
}

/** Rows by table as sorted texts, without what only one of the two engines has. */
export function comparableRows(tables: ReadonlyMap<string, readonly Item[]>): string[] {
  return [...tables]
    .flatMap(([table, rows]) =>
      inOrderOfPosition(rows.filter(isOfBoth)).map((row, place) => {
        const {
          revision: _r,
          final: _f,
          lastPos: _p,
          alertId: _a,
          channels: _c,
          ...compared
        } = row;
        const { table: _t, ...shown } = publicAttributes(compared);
        // An alert's place among the alerts of its table; other rows have their key.
        return JSON.stringify({ table, ...(positionOf(row) ? { place } : {}), ...shown });
      }),
    )
    .sort();
}

/** Flink was not asked for the row over all provinces. */
const isOfBoth = ({ province }: Item): boolean => province !== 'total';

function inOrderOfPosition(rows: readonly Item[]): Item[] {
  return rows
    .map((row) => ({ row, position: positionOf(row) }))
    .sort((a, b) => (a.position && b.position ? comparePositions(a.position, b.position) : 0))
    .map(({ row }) => row);
}

/** Of an alert's last event: the line of the file, or the end of the alert's id. */
function positionOf({ lastPos, alertId }: Item): Position | undefined {
  if (lastPos !== undefined) return { sequence: String(lastPos), index: 0 };
  return parsePosition(String(alertId).split('#').at(-1) ?? '');
}
