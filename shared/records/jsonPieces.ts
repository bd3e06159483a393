/** Where the pieces of a text of JSON begin and end: found by brackets and quotes alone, in one pass, one piece at a time. */
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
} from '../model/ascii.ts';

const isOpening = (sign: number): boolean => sign === OPEN_OBJECT || sign === OPEN_LIST;
const isClosing = (sign: number): boolean => sign === CLOSE_OBJECT || sign === CLOSE_LIST;
const isSpace = (sign: number): boolean =>
  sign === SPACE || sign === 0x0a || sign === 0x0d || sign === 0x09;

/** JSON objects that follow each other, white space apart; from where none does, or one has no end, the rest is one piece. */
export function* concatenated(text: string): Generator<string> {
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = text.charCodeAt(at) === OPEN_OBJECT ? endOfNested(text, at) : text.length;
    yield text.slice(at, end);
    at = skipSpace(text, end);
  }
}

/** The texts of the items. @param text an array, and valid JSON */
export function* itemsOf(text: string): Generator<string> {
  let at = skipSpace(text, text.indexOf('[') + 1);
  for (;;) {
    let end = endOfItem(text, at);
    const next = end + 1;
    while (isSpace(text.charCodeAt(end - 1))) end -= 1;
    yield text.slice(at, end);
    if (text.charCodeAt(next - 1) !== COMMA) return;
    at = skipSpace(text, next);
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Behind the bracket that closes the one here; where none does, the text's end. */
function endOfNested(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (isOpening(sign)) depth += 1;
    else if (isClosing(sign)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** At the comma or bracket behind the item. */
function endOfItem(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (isOpening(sign)) at = endOfNested(text, at) - 1;
    else if (sign === COMMA || isClosing(sign)) return at;
  }
  return text.length;
}

/** At its closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
