/** What a file is whose lines are no events of their stream: which streams take them, and with which options. */
import type { StreamName } from '../shared/model/lane.ts';
import { PieceReader } from './events.ts';
import { STREAM_FORMATS, type StreamFormat } from './formats.ts';
import { looksLike, TIME_UNITS } from './lines/times.ts';
import { firstPieces, type InputOptions } from './readInput.ts';

/** So many lines tell. */
const LINES_MAX = 20;

/**
 * `` its lines look like `orders` ``; undefined where they look like nothing that is known.
 * @param file that can be read again: no pipe
 */
export async function guessOf(
  stream: StreamName,
  file: string,
  options: InputOptions,
): Promise<string | undefined> {
  const pieces = (await firstPieces(file, LINES_MAX)).filter(({ bytes }) => bytes.length > 0);
  const least = Math.max(1, pieces.length / 2);
  const scores = readingsOf(options).flatMap(({ how, ...reading }) =>
    Object.entries(STREAM_FORMATS).map(([name, format]) => ({
      name,
      how,
      events: eventsIn(pieces, format, reading),
    })),
  );
  const most = Math.max(...scores.map(({ events }) => events));
  if (most < least) return undefined;
  const best = scores.filter(({ events }) => events === most);
  // The stream itself rather than another one; and the options that were given rather than others.
  const own = best.find(({ name }) => name === stream);
  if (own) return own.how === '' ? undefined : `its lines look like \`${stream}\`${own.how}`;
  const alike = best.filter(({ how }) => how === best[0]?.how);
  return `its lines look like ${alike.map(({ name, how }) => `\`${name}\`${how}`).join(' or ')}`;
}

interface FileReading extends InputOptions {
  /** The options that it takes; empty for those that were given. */
  readonly how: string;
}

/** As it was said; then the ways in which it may have been meant. */
function readingsOf(options: InputOptions): FileReading[] {
  const { separator = ',', timeUnit } = options;
  const separators = [separator, ',', ';', '\t'].filter((each, i, all) => all.indexOf(each) === i);
  return separators.flatMap((sign) =>
    [timeUnit, ...TIME_UNITS.filter((unit) => unit !== timeUnit)].map((unit) => {
      const shown = sign === '\t' ? 'tab' : `'${sign}'`;
      const how = [
        sign === separator ? '' : ` --separator ${shown}`,
        unit === timeUnit ? '' : ` --time-unit ${unit}`,
      ].join('');
      return { separator: sign, timeUnit: unit, how: how === '' ? '' : ` with${how}` };
    }),
  );
}

type Pieces = Awaited<ReturnType<typeof firstPieces>>;

/** How many of them are events of our days. */
function eventsIn(pieces: Pieces, format: StreamFormat, options: InputOptions): number {
  const reader = new PieceReader(format, options, 'the file');
  const events = [...takenBy(reader, pieces), ...reader.end()];
  return events.filter(({ value, eventTimeMs }) => {
    if (value === undefined || looksLike(String(eventTimeMs)) !== 'ms') return false;
    return 'event' in format.parse(value);
  }).length;
}

/** None where a header is not the stream's. */
function takenBy(reader: PieceReader, pieces: Pieces) {
  try {
    return reader.take(pieces);
  } catch {
    return [];
  }
}
