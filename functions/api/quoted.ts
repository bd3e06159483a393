/** What came from outside, as messages show it. */
import { printable } from '../../shared/model/printable.ts';

const LENGTH_MAX = 100;

/** As JSON writes it, so that what it holds stays in its line; not more of it than helps. */
export const quoted = (text: string): string => {
  const start = text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
  return printable(JSON.stringify(start.toWellFormed()));
};
