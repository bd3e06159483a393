/** What came from outside, as messages show it. */

const LENGTH_MAX = 100;

/** Control characters, C1 among them; separators of lines; what turns the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu;
const HEX = 16;

/** As JSON writes it, so that what it holds stays in its line; not more of it than helps. */
export const quoted = (text: string): string => {
  const start = text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
  return JSON.stringify(start.toWellFormed()).replaceAll(
    UNPRINTABLE,
    (sign) => `\\u${sign.charCodeAt(0).toString(HEX).padStart(4, '0')}`,
  );
};
