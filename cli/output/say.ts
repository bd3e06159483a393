import { printableLines } from './printable.ts';

/**
 * To whoever runs the command: on standard error, since results go to standard output. May hold text of events, and several
 * lines.
 */
export const say = (text: string): void => console.error(printableLines(text));
