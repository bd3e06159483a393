/**
 * Text in chunks, cut into pieces: lines, and objects of JSON.
 *
 * 1. An object of JSON is a piece of its own wherever it is written: on a line, over several, one behind the other, or as an item
 *    of a list of objects. What only begins like one is a line, and the next line is looked at anew.
 * 2. Every byte is in one piece, but for line ends, blank lines outside of what may be quoted, byte order marks before a line,
 *    and the brackets and commas of lists.
 */
import { SINK_LIMITS } from '../../shared/ports/recordSink.ts';
import { type Scan, scanObject } from './jsonScan.ts';

export interface Piece {
  readonly kind: 'line' | 'object';
  readonly bytes: Buffer;
  /** Of the file, from 1; the first of several. */
  readonly line: number;
}

/** A piece is longer than any record can be. */
export class PieceTooLong extends Error {
  override name = 'PieceTooLong';
  readonly line: number;
  constructor(line: number) {
    super(`line ${line} is longer than 1 MiB, which no record can hold`);
    this.line = line;
  }
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const NOTHING = Buffer.alloc(0);

export class PieceCutter {
  /** What may be only the beginning of a piece. */
  #rest: Buffer[] = [];
  #restLength = 0;
  #bytes: Buffer = NOTHING;
  #at = 0;
  #line = 1;
  #isInList = false;
  /** Whether no more chunks come. */
  #isEnd = false;
  #pieces: Piece[] = [];

  /** The pieces that the chunk makes whole. Throws PieceTooLong, after the pieces before it have been given. */
  push(chunk: Buffer): Piece[] {
    this.#rest.push(chunk);
    this.#restLength += chunk.length;
    // Without a line end, nothing is whole: it is not put together over and over.
    const mayBeWhole = this.#isInList || chunk.includes(NEWLINE) || this.#rest.length === 1;
    return mayBeWhole || this.#isTooLong ? this.#cut() : [];
  }

  end(): Piece[] {
    this.#isEnd = true;
    return this.#cut();
  }

  /** Of what is not in a piece yet. */
  get #isTooLong(): boolean {
    return this.#restLength - this.#at > SINK_LIMITS.recordBytesMax;
  }

  #cut(): Piece[] {
    this.#bytes = this.#rest.length === 1 ? (this.#rest[0] ?? NOTHING) : Buffer.concat(this.#rest);
    this.#at = 0;
    this.#pieces = [];
    while (this.#at < this.#bytes.length && this.#step());
    const rest = this.#bytes.subarray(this.#at);
    this.#rest = rest.length > 0 ? [rest] : [];
    this.#restLength = rest.length;
    this.#at = 0;
    // What is whole goes first: the next chunk, or the end, finds the same again.
    if (this.#isTooLong && this.#pieces.length === 0) throw new PieceTooLong(this.#line);
    return this.#pieces;
  }

  /** Takes one piece, or what is between two; false where it takes more text. */
  #step(): boolean {
    if (this.#isInList) return this.#stepInList();
    this.#skipMarks();
    const start = this.#firstSign(this.#at);
    const sign = this.#bytes[start];
    if (sign === OPEN) return this.#takeObject(start);
    return sign === OPEN_LIST ? this.#openList(start) : this.#takeLine();
  }

  /** A list is one of objects if its first item is one; what is none is a line. */
  #openList(start: number): boolean {
    const first = this.#firstSign(start + 1, isSpace);
    if (first === this.#bytes.length && !this.#isEnd) return false;
    if (this.#bytes[first] !== OPEN) return this.#takeLine();
    const scan = scanObject(this.#bytes, first);
    if (this.#needsMore(scan)) return false;
    if (scan.kind !== 'whole') return this.#takeLine();
    this.#moveTo(first);
    this.#isInList = true;
    return true;
  }

  #skipMarks(): void {
    while (
      this.#bytes[this.#at] === BYTE_ORDER_MARK[0] &&
      this.#bytes.subarray(this.#at, this.#at + BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ) {
      this.#at += BYTE_ORDER_MARK.length;
    }
  }

  /** Where the next byte that is not blank stands, by default on the line. */
  #firstSign(from: number, isSkipped: (byte: number) => boolean = isBlank): number {
    let at = from;
    while (at < this.#bytes.length && isSkipped(this.#bytes[at] ?? 0)) at += 1;
    return at;
  }

  #stepInList(): boolean {
    this.#moveTo(this.#firstSign(this.#at, (byte) => isSpace(byte) || byte === COMMA));
    const sign = this.#bytes[this.#at];
    if (sign === undefined) return false;
    if (sign === CLOSE_LIST) {
      this.#isInList = false;
      // The end of its line is none of a blank line.
      this.#at = this.#firstSign(this.#at + 1);
      return this.#skipLineEnd();
    }
    if (sign !== OPEN) {
      this.#isInList = false;
      return true;
    }
    const scan = scanObject(this.#bytes, this.#at);
    if (scan.kind === 'whole') {
      this.#take('object', scan.end);
      return true;
    }
    return this.#needsMore(scan) ? false : this.#takeDamagedItem();
  }

  /** Up to where the next item seems to begin on the line, or all of the line: a list may be written on a single one. */
  #takeDamagedItem(): boolean {
    const newline = this.#bytes.indexOf(NEWLINE, this.#at);
    const lineEnd = newline < 0 ? this.#bytes.length : newline;
    let close = this.#bytes.indexOf(CLOSE, this.#at);
    while (close >= 0 && close < lineEnd) {
      const comma = this.#firstSign(close + 1);
      const next = this.#firstSign(comma + 1);
      if (this.#bytes[comma] === COMMA && this.#bytes[next] === OPEN) {
        this.#take('line', close + 1);
        return true;
      }
      close = this.#bytes.indexOf(CLOSE, close + 1);
    }
    return this.#takeLine();
  }

  /** An object that is alone on its line, or goes on over several, or has another one behind it; else a line. */
  #takeObject(start: number): boolean {
    const newline = this.#bytes.indexOf(NEWLINE, start);
    // Until its line has ended, what follows an object on it is not known.
    if (newline < 0 && !this.#isEnd) return false;
    const lineEnd = newline < 0 ? this.#bytes.length : newline;
    if (this.#isPlainObject(start, lineEnd)) return this.#takeLine();
    const scan = scanObject(this.#bytes, start);
    if (this.#needsMore(scan)) return false;
    if (scan.kind !== 'whole') return this.#takeLine();
    const next = this.#firstSign(scan.end);
    // The blanks around it stay: it goes on as it came.
    const isLine = next >= lineEnd || this.#bytes[next] !== OPEN;
    if (scan.end <= lineEnd && isLine) return this.#takeLine();
    this.#take('object', scan.end);
    this.#at = this.#firstSign(this.#at);
    return this.#skipLineEnd();
  }

  /** Without lists or objects in it, and ending with its line, or nothing that further lines would make an object. */
  #isPlainObject(start: number, lineEnd: number): boolean {
    const close = this.#bytes.indexOf(CLOSE, start);
    if (close < 0 || this.#firstSign(close + 1) < lineEnd) return false;
    const inner = this.#bytes.indexOf(OPEN, start + 1);
    return close < lineEnd && (inner < 0 || inner > lineEnd);
  }

  #skipLineEnd(): boolean {
    if (this.#bytes[this.#at] === NEWLINE) this.#moveTo(this.#at + 1);
    return true;
  }

  #needsMore = (scan: Scan): boolean => scan.kind === 'cut' && !this.#isEnd && !this.#isTooLong;

  #take(kind: Piece['kind'], end: number): void {
    const start = this.#firstSign(this.#at);
    this.#pieces.push({ kind, bytes: this.#bytes.subarray(start, end), line: this.#line });
    this.#moveTo(end);
  }

  #takeLine(): boolean {
    const newline = this.#bytes.indexOf(NEWLINE, this.#at);
    if (newline < 0 && !this.#isEnd) return false;
    const end = newline < 0 ? this.#bytes.length : newline;
    const isReturn = end > this.#at && this.#bytes[end - 1] === RETURN;
    const bytes = this.#bytes.subarray(this.#at, isReturn ? end - 1 : end);
    if (bytes.length > SINK_LIMITS.recordBytesMax) return this.#refuseLine();
    this.#pieces.push({ kind: 'line', bytes, line: this.#line });
    this.#at = newline < 0 ? end : end + 1;
    this.#line += 1;
    return true;
  }

  /** Pieces before it are given first. */
  #refuseLine(): boolean {
    if (this.#pieces.length === 0) throw new PieceTooLong(this.#line);
    return false;
  }

  /** Counts the lines that it passes. */
  #moveTo(end: number): void {
    // No further than to the end: the rest of a list of a single line would be searched for every item.
    const passed = this.#bytes.subarray(this.#at, end);
    for (let at = passed.indexOf(NEWLINE); at >= 0; at = passed.indexOf(NEWLINE, at + 1)) {
      this.#line += 1;
    }
    this.#at = end;
  }
}

const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === RETURN || byte === 0x0b || byte === 0x0c;
const isSpace = (byte: number): boolean => isBlank(byte) || byte === NEWLINE;
