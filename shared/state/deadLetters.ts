/**
 * Dead letters and what became of them, for people: a read-only view of three stores. The commits hold the letters, admissions say
 * which came back, marks what people decided.
 */
import { type JobId, laneNamed } from '../model/lane.ts';
import type { Table } from '../ports/table.ts';
import { isEnvelope } from '../records/envelopes.ts';
import { type LoggedSideEvent, readSideEvents } from './inspect.ts';
import { readAdmittedPositions } from './lane/admissions.ts';
import { type LetterMarks, readMarksOfLane } from './lane/letterMarks.ts';

/**
 * - `waiting`: nobody has done anything about it;
 * - `redriven`: put back on its stream, and not read there yet;
 * - `accepted`: its job has let a copy in, which is counted like any event; if it was put aside again, that is a letter of its own;
 * - `discarded`: somebody said that it shall not come back;
 * - `refused`: a redrive envelope that was not let in. It is a copy: its letter stands where it stood, or it is forged.
 */
export const LETTER_STATES = ['waiting', 'redriven', 'accepted', 'discarded', 'refused'] as const;
export type LetterState = (typeof LETTER_STATES)[number];

export interface DeadLetter extends LoggedSideEvent {
  readonly kind: 'dead';
  readonly reason: string;
  readonly state: LetterState;
}

/** Those that are still stored, lane by lane, in commit order. */
export async function* readDeadLetters(job: JobId, table: Table): AsyncGenerator<DeadLetter> {
  let known: { readonly lane: string; readonly what: Known } | undefined;
  for await (const { kind, reason = '', ...side } of readSideEvents(job, table)) {
    if (kind !== 'dead') continue;
    if (known?.lane !== side.lane)
      known = { lane: side.lane, what: await knownOf(job, table, side) };
    yield { kind, reason, ...side, state: stateOf(side, known.what) };
  }
}

/** What is stored about the letters of a lane. */
interface Known {
  readonly admitted: ReadonlySet<string>;
  readonly marks: ReadonlyMap<number, LetterMarks>;
}

type Side = Pick<LoggedSideEvent, 'lane' | 'slot' | 'place' | 'position' | 'raw'>;

async function knownOf(job: JobId, table: Table, { lane }: Side): Promise<Known> {
  const [admitted, marks] = await Promise.all([
    readAdmittedPositions(table, laneNamed(job, lane)),
    readMarksOfLane(table, laneNamed(job, lane)),
  ]);
  return { admitted, marks };
}

function stateOf({ slot, place, position, raw }: Side, { admitted, marks }: Known): LetterState {
  const decided = marks.get(slot);
  if (admitted.has(position)) return 'accepted';
  if (decided?.discarded.has(place)) return 'discarded';
  if (isEnvelope(raw)) return 'refused';
  return decided?.redriven.has(place) ? 'redriven' : 'waiting';
}
