/** Text of events as a terminal may show it. */
import { printable } from '../../shared/model/printable.ts';

export { printable };

/** The same of a text that may have several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
