/** Decisions about dead letters, written a commit at a time. */
import { type JobId, laneNamed } from '../../shared/model/lane.ts';
import type { Table } from '../../shared/ports/table.ts';
import type { LoggedSideEvent } from '../../shared/state/inspect.ts';
import { inTurns } from '../../shared/state/inTurns.ts';
import { noteEdits } from '../../shared/state/lane/letterEdits.ts';
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

  /** Several commits at a time. */
  async eachCommit(
    work: (commit: MarkedCommit, marks: ReadonlySet<Mark>) => Promise<void>,
  ): Promise<void> {
    await inTurns([...this.#commits.values()], ({ commit, marks }) => work(commit, marks));
  }
}

const nameOf = ({ lane, slot }: Letter): string => `${lane}#${slot}`;

/** Writes a decision about letters to the state table. */
export const decide = (
  state: Table,
  letters: MarksByCommit,
  mark: (marks: LetterMarks, place: number) => unknown,
): Promise<void> =>
  letters.eachCommit((commit, places) =>
    changeMarks(state, commit, (stored) => {
      for (const place of places) mark(stored, place);
    }),
  );

/** Lets edited events in where their letters were. */
export const allowEdits = (state: Table, edited: MarksByCommit<string>): Promise<void> =>
  edited.eachCommit((commit, digests) => noteEdits(state, commit, digests));
