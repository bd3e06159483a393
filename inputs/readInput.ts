/** Files as events of a stream: reference files as they are, the web log, JSON lines, gzipped or not. */
import { isUtf8 } from 'node:buffer';
import type { StreamName } from '../shared/model/lane.ts';
import { STREAM_FORMATS, type StreamFormat, type TimeUnit } from './formats.ts';
import { checkFile, readLines } from './lines.ts';
import { type InputEvent, parseLine, unreadable } from './parseLine.ts';
import { UsageError } from './usageError.ts';

export type { TimeUnit } from './formats.ts';
export type { InputEvent } from './parseLine.ts';

export interface InputOptions {
  /** Of times in CSV files; JSON always has milliseconds. */
  readonly timeUnit: TimeUnit;
}

/** Throws UsageError, one clear line, where `readInput` could not even begin. */
export async function checkInput(stream: StreamName, file: string): Promise<void> {
  formatOf(stream);
  await checkFile(file);
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
  const format = formatOf(stream);
  let events = 0;
  for await (const bytes of readLines(file)) {
    const event = isUtf8(bytes)
      ? eventIn(bytes.toString('utf8'), format, options.timeUnit)
      : unreadable(Buffer.from(bytes));
    if (!event) continue;
    events += 1;
    yield event;
  }
  if (events === 0) throw new UsageError(`${file} is empty`);
}

const eventIn = (text: string, format: StreamFormat, unit: TimeUnit): InputEvent | undefined =>
  text.trim() === '' ? undefined : parseLine(text, format, unit);

function formatOf(stream: StreamName): StreamFormat {
  const format = Object.hasOwn(STREAM_FORMATS, stream) ? STREAM_FORMATS[stream] : undefined;
  if (!format) {
    const known = Object.keys(STREAM_FORMATS).join(', ');
    throw new UsageError(`there is no stream "${stream}"; there are ${known}`);
  }
  return format;
}
