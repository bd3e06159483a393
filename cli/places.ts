/**
 * Where each event of a run stands: its file and line. Kept as runs of lines that follow each other, so that a file takes a
 * few numbers however long it is.
 */
import { ordinalOf, type StreamEvent } from '../inputs/laneBatches.ts';
import { parsePosition } from '../shared/model/position.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
}

interface Stretch extends Place {
  /** Of its first event. */
  readonly ordinal: number;
}

export class Places {
  readonly #stretches: Stretch[] = [];
  readonly #counts = new Map<string, number>();
  #events = 0;

  /** The next event. */
  add({ file = '', lineNumber = 0 }: StreamEvent): void {
    const ordinal = this.#events;
    this.#events += 1;
    this.#counts.set(file, (this.#counts.get(file) ?? 0) + 1);
    const last = this.#stretches.at(-1);
    const follows = last?.file === file && last.line + ordinal - last.ordinal === lineNumber;
    if (!follows) this.#stretches.push({ file, line: lineNumber, ordinal });
  }

  /** How many events of each file there are. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** @param position of a late event or a dead letter */
  of(position: string): Place {
    const ordinal = ordinalOf(parsePosition(position)?.sequence ?? '');
    let [from, to] = [0, this.#stretches.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#stretches[middle]?.ordinal ?? 0) <= ordinal) from = middle + 1;
      else to = middle;
    }
    const stretch = this.#stretches[from - 1];
    if (!stretch) return { file: '', line: 0 };
    return { file: stretch.file, line: stretch.line + ordinal - stretch.ordinal };
  }
}
