/**
 * Text of events as a person may look at it: what would move the cursor, change colours or turn the direction of the text is
 * written as JSON writes it. Applied where text is shown, never to what is stored or goes out as JSON.
 */

/** Control characters, C1 among them; separators of lines; what turns the direction; halves of pairs; a byte order mark. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\ufeff]/gu;

const HEX = 16;

function escaped(sign: string): string {
  const asJson = JSON.stringify(sign).slice(1, -1);
  if (asJson !== sign) return asJson;
  return `\\u${sign.charCodeAt(0).toString(HEX).padStart(4, '0')}`;
}

/** One line, whatever the text holds: `\n` and `\u009b` instead of what they stand for. */
export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, escaped);
