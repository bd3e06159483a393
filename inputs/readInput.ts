/**
 * Files as events of a stream: CSV, web logs and JSON, packed or not. What is taken is in docs/inputs.md.
 * From the file to its events: bytes, pieces, records, events; each step works on a chunk at a time.
 */
import type { StreamName } from '../shared/model/lane.ts';
import { type InputOptions, PieceReader } from './events.ts';
import { checkFile, chunksOf, shownName, type Whence } from './files/bytes.ts';
import { type Piece, PieceCutter, PieceTooLong } from './files/pieces.ts';
import { STREAM_FORMATS, type StreamFormat } from './formats.ts';
import type { InputEvent } from './inputEvent.ts';
import { UsageError } from './usageError.ts';

export type { InputOptions } from './events.ts';
export type { TimeUnit } from './formats.ts';
export type { InputEvent } from './inputEvent.ts';

/**
 * Throws UsageError, one clear line, where `readInput` could not even begin. A pipe, or `-` for standard input, can be read
 * once only: whoever reads twice takes `files`.
 */
export async function checkInput(
  stream: StreamName,
  file: string,
  options: InputOptions = { timeUnit: 's' },
  whence: Whence = 'files',
): Promise<'file' | 'pipe'> {
  new PieceReader(formatOf(stream), options, file);
  return checkFile(file, whence);
}

/**
 * The file's events, in order and in constant memory. Blank lines are skipped; a line that is no event is
 * passed on as it is. Throws UsageError for an unknown stream and for a file that is unreadable or empty.
 */
export async function* readInput(
  stream: StreamName,
  file: string,
  options: InputOptions,
): AsyncGenerator<InputEvent> {
  const reader = new PieceReader(formatOf(stream), options, file);
  let events = 0;
  for await (const pieces of piecesOf(file)) {
    for (const event of reader.take(pieces)) {
      events += 1;
      yield event;
    }
  }
  for (const event of reader.end()) {
    events += 1;
    yield event;
  }
  if (events === 0) throw new UsageError(`${shownName(file)} is empty`);
}

/** The first lines, or objects of JSON, of a file; fewer where it ends or cannot be read further. */
export async function firstPieces(file: string, countMax: number): Promise<readonly Piece[]> {
  const first: Piece[] = [];
  try {
    for await (const pieces of piecesOf(file)) {
      first.push(...pieces.slice(0, countMax - first.length));
      if (first.length === countMax) break;
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  return first;
}

async function* piecesOf(file: string): AsyncGenerator<readonly Piece[]> {
  const cutter = new PieceCutter();
  try {
    for await (const chunk of chunksOf(file)) {
      const pieces = cutter.push(chunk);
      if (pieces.length > 0) yield pieces;
    }
    for (let last = cutter.end(); last.length > 0; last = cutter.end()) yield last;
  } catch (error) {
    if (!(error instanceof PieceTooLong)) throw error;
    throw new UsageError(
      `${shownName(file)} has a line longer than 1 MiB, which no record can hold: line ${error.line}`,
    );
  }
}

function formatOf(stream: StreamName): StreamFormat {
  const format = Object.hasOwn(STREAM_FORMATS, stream) ? STREAM_FORMATS[stream] : undefined;
  if (!format) {
    const known = Object.keys(STREAM_FORMATS).join(', ');
    throw new UsageError(`there is no stream "${stream}"; there are ${known}`);
  }
  return format;
}
