/** The terminal that results go to, if they go to one. */

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What terminals are that do not say how large they are. */
const USUAL: TerminalSize = { columns: 80, rows: 24 };

/** Undefined for a file or a pipe. */
export function terminalSize(output: Output): TerminalSize | undefined {
  if (!output.isTTY) return undefined;
  return { columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows };
}
