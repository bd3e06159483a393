/**
 * How wide a text is on a terminal: a Chinese sign or an emoji takes two columns, an accent none. What a reader sees as
 * one sign is never cut in two.
 */
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';

/** Signs that stand for themselves, whatever is beside them: nearly all texts are of these, and nobody has to look at each. */
const WIDE = 'ぁ-ゖァ-ヺ一-鿿가-힣';
const WIDE_SIGNS = new RegExp(`[${WIDE}]`, 'g');
const PLAIN_TEXT = new RegExp(`^[ -~×–…${WIDE}]*$`);

export const textWidth = (text: string): number =>
  PLAIN_TEXT.test(text) ? text.length + (text.match(WIDE_SIGNS)?.length ?? 0) : stringWidth(text);

/** Which part of a text goes where it is too wide. */
export type CutAt = 'end' | 'start';

/** At most so wide, with `…` where something is missing. */
export function cut(text: string, width: number, at: CutAt = 'end'): string {
  return textWidth(text) <= width ? text : cliTruncate(text, width, { position: at });
}

export const padEnd = (text: string, width: number): string => text + blanks(text, width);

export const padStart = (text: string, width: number): string => blanks(text, width) + text;

const blanks = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - textWidth(text)));
