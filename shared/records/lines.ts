/** The lines of text, and of bytes that may be none: those that are not blank, in order. */
import { isUtf8 } from 'node:buffer';
import { isBlank } from './jsonText.ts';

export function* linesOfText(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (!isBlank(line)) yield line;
    start = end + 1;
  }
}

const NEWLINE = 0x0a;

/** A line that is UTF-8 comes as text. */
export function* linesOfBytes(data: Buffer): Generator<string | Buffer> {
  for (let start = 0; start < data.length; ) {
    const newline = data.indexOf(NEWLINE, start);
    const end = newline === -1 ? data.length : newline;
    const line = data.subarray(start, end);
    const text = isUtf8(line) ? line.toString('utf8') : undefined;
    if (text === undefined) yield line;
    else if (!isBlank(text)) yield text;
    start = end + 1;
  }
}
