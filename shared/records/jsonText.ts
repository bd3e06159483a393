/** What can be said of a JSON text without parsing it, and of why a parse failed. */
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  NINE,
  OPEN_LIST,
  OPEN_OBJECT,
  SPACE,
  ZERO,
} from '../model/ascii.ts';
import { INFLATED_BRACKETS_MAX, INFLATED_TEXT_MAX, RECORD_TEXT_MAX } from './forms.ts';

/** White space, or a byte order mark, alone. */
export const isBlank = (line: string): boolean =>
  line.charCodeAt(0) !== OPEN_OBJECT && line.trim() === '';

/**
 * By the sign that JSON begins with, the one that it ends with; -1 where that may differ. A line of anything else is spared
 * the parser's error, which takes longer than all other work on it: a batch of short lines would take half a minute.
 */
const JSON_ENDS: ReadonlyMap<number, number> = new Map([
  ...['{}', '[]', '""', 'te', 'fe', 'nl'].map(
    (both) => [both.charCodeAt(0), both.charCodeAt(1)] as const,
  ),
  ...[...'-0123456789 \t\r\n'].map((sign) => [sign.charCodeAt(0), -1] as const),
]);

export function mayBeJson(line: string): boolean {
  const first = line.charCodeAt(0);
  const last = line.charCodeAt(line.length - 1);
  if (first === OPEN_OBJECT && last === CLOSE_OBJECT) return true;
  if (line.length === 1) return first >= ZERO && first <= NINE;
  const end = JSON_ENDS.get(first);
  if (end === undefined) return false;
  return last === end || end === -1 || last <= SPACE;
}

/** What keeps an inflated text from being parsed. */
export function sizeProblem(text: string): string | undefined {
  if (text.length <= RECORD_TEXT_MAX) return undefined;
  if (text.length > INFLATED_TEXT_MAX) return `it is longer than ${INFLATED_TEXT_MAX} characters`;
  let brackets = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === OPEN_OBJECT || sign === OPEN_LIST) brackets += 1;
  }
  return brackets > INFLATED_BRACKETS_MAX
    ? `it is long, and has more than ${INFLATED_BRACKETS_MAX} objects and lists`
    : undefined;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The parser's message without the text that it quotes: that is kept beside the reason anyway. */
export function parseProblem({ message }: Error): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return `it is wrong from character ${position} on`;
  return message.includes('end of JSON') ? 'it ends too early' : 'something in it is out of place';
}

/** Whether the first line of several opens what it does not close, so that it may be one document with the next ones. */
export function opensDocument(text: string): boolean {
  const start = text.search(/\S/);
  const first = text.charCodeAt(start);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) return false;
  let end = text.indexOf('\n', start);
  while (text.charCodeAt(end - 1) <= SPACE) end -= 1;
  return text.charCodeAt(end - 1) !== (first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST);
}

/** Whether it begins with an object, and somewhere another begins behind the end of one. */
export const mayBeConcatenated = (text: string): boolean =>
  /^\s*\{/.test(text) && /\}\s*\{/.test(text);
