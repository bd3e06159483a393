/**
 * Where a JSON object ends, however many lines it takes. Only its signs are looked at, no values: enough to tell early that
 * something is none, so that a line which is cut short does not swallow what follows it. The parser has the last word.
 */

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** What may come next. */
type Next = 'key' | 'colon' | 'value' | 'separator';

export type Scan =
  | { readonly kind: 'whole'; readonly end: number }
  /** More text may make it one. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'none' };

const CUT: Scan = { kind: 'cut' };
const NONE: Scan = { kind: 'none' };

/** The object that begins at `start`, where a `{` is. */
export function scanObject(bytes: Buffer, start: number): Scan {
  const open: number[] = [OPEN];
  let step: Step = { at: start + 1, next: 'key' };
  while (step.at < bytes.length) {
    const byte = bytes[step.at] ?? 0;
    if (isBlank(byte)) {
      step = { at: step.at + 1, next: step.next };
      continue;
    }
    const taken =
      byte === CLOSE || byte === CLOSE_LIST
        ? close(step, byte, open)
        : STEPS[step.next](bytes, step.at, open);
    if ('kind' in taken) return taken;
    if (open.length === 0) return { kind: 'whole', end: taken.at };
    step = taken;
  }
  return CUT;
}

interface Step {
  readonly at: number;
  readonly next: Next;
}

type Take = (bytes: Buffer, at: number, open: number[]) => Step | Scan;

/** Brackets of a kind stand two apart. */
const close = ({ at, next }: Step, byte: number, open: number[]): Step | Scan =>
  open.pop() !== byte - 2 || next === 'colon' ? NONE : { at: at + 1, next: 'separator' };

const STEPS: Readonly<Record<Next, Take>> = {
  key: (bytes, at) => (bytes[at] === QUOTE ? text(bytes, at, 'colon') : NONE),
  colon: (bytes, at) => (bytes[at] === COLON ? { at: at + 1, next: 'value' } : NONE),
  separator: (bytes, at, open) =>
    bytes[at] === COMMA ? { at: at + 1, next: open.at(-1) === OPEN ? 'key' : 'value' } : NONE,
  value,
};

function value(bytes: Buffer, at: number, open: number[]): Step | Scan {
  const byte = bytes[at] ?? 0;
  if (byte === QUOTE) return text(bytes, at, 'separator');
  if (byte === OPEN || byte === OPEN_LIST) {
    open.push(byte);
    return { at: at + 1, next: byte === OPEN ? 'key' : 'value' };
  }
  return byte === COMMA || byte === COLON ? NONE : { at: endOfWord(bytes, at), next: 'separator' };
}

function text(bytes: Buffer, at: number, next: Next): Step | Scan {
  const end = endOfText(bytes, at + 1);
  return typeof end === 'number' ? { at: end, next } : end;
}

/** Behind the closing quote. No text of JSON holds a line end. */
function endOfText(bytes: Buffer, from: number): number | Scan {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
    if (bytes[at] === NEWLINE) return NONE;
  }
  return CUT;
}

/** Behind a number, `true`, `false` or `null`. */
function endOfWord(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && !isEndOfWord(bytes[at] ?? 0)) at += 1;
  return at;
}

const isEndOfWord = (byte: number): boolean =>
  isBlank(byte) || byte === COMMA || byte === CLOSE || byte === CLOSE_LIST;
