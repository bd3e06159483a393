/** Decisions about dead letters, written a commit at a time. */
import { type JobId, laneNamed } from '../../shared/model/lane.ts';
import type { Table } from '../../shared/ports/table.ts';
import type { LoggedSideEvent } from '../../shared/state/inspect.ts';
import { inTurns } from '../../shared/state/inTurns.ts';
import {
  changeMarks,
  type LetterMarks,
  type MarkedCommit,
} from '../../shared/state/lane/letterMarks.ts';

type Letter = Pick<LoggedSideEvent, 'lane' | 'slot' | 'expiresAt'>;

/** By the commits that hold the letters: their places there, or what else is to be marked. */
export class MarksByCommit<Mark = number> {
  readonly #job: JobId;
  readonly #commits = new Map<
    string,
    { readonly commit: MarkedCommit; readonly marks: Set<Mark> }
  >();
  #count = 0;

  constructor(job: JobId) {
    this.#job = job;
  }

  get count(): number {
    return this.#count;
  }

  add(letter: Letter, mark: Mark): void {
    const { lane, slot, expiresAt } = letter;
    const known = this.#commits.get(nameOf(letter)) ?? {
      commit: { lane: laneNamed(this.#job, lane), slot, expiresAt },
      marks: new Set(),
    };
    known.marks.add(mark);
    this.#commits.set(nameOf(letter), known);
    this.#count += 1;
  }

  has(letter: Letter, mark: Mark): boolean {
    return this.#commits.get(nameOf(letter))?.marks.has(mark) ?? false;
  }

  /** Writes them to the state table; `mark` changes what stands there of a commit. */
  async writeTo(state: Table, mark: (marks: LetterMarks, each: Mark) => unknown): Promise<void> {
    await inTurns([...this.#commits.values()], ({ commit, marks }) =>
      changeMarks(state, commit, (stored) => {
        for (const each of marks) mark(stored, each);
      }),
    );
  }
}

const nameOf = ({ lane, slot }: Letter): string => `${lane}#${slot}`;
