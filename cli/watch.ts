/** Something shown again and again: in place on a terminal, line after line elsewhere. */
import { createLogUpdate } from 'log-update';
import { printableLines } from './output/printable.ts';

export interface Watched<Seen> {
  read(): Promise<Seen>;
  show(seen: Seen): void;
  /** Hears of a later reading that failed; the next one is tried. */
  onFailure(problem: unknown): void;
  /** Until the next reading. */
  pause(): Promise<'goOn' | 'stop'>;
}

/** Throws what the first reading throws: then something is wrong with the question. */
export async function watch<Seen>({ read, show, onFailure, pause }: Watched<Seen>): Promise<void> {
  show(await read());
  while ((await pause()) === 'goOn') {
    try {
      show(await read());
    } catch (problem) {
      onFailure(problem);
    }
  }
}

export interface Redrawn {
  /** Lines that take the place of those drawn before. */
  draw(lines: readonly string[]): void;
  /** How wide it is now. */
  readonly columns: number;
}

/** A picture taller than the terminal loses its upper lines. */
export function redrawnOn(stream: NodeJS.WriteStream): Redrawn {
  const update = createLogUpdate(stream);
  return {
    draw: (lines) => update(printableLines(lines.join('\n'))),
    get columns() {
      return stream.columns;
    },
  };
}

export const pauseFor = (ms: number) => (): Promise<'goOn'> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms, 'goOn');
  });
