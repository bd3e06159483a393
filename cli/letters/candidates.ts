/** Which dead letters go back, as what, and which of them are no use to put back. */
import type { Job } from '../../shared/job/job.ts';
import { laneStreamsOf } from '../../shared/job/repartition.ts';
import { laneNamed, type StreamName } from '../../shared/model/lane.ts';
import { SINK_LIMITS } from '../../shared/ports/recordSink.ts';
import type { Table } from '../../shared/ports/table.ts';
import { encodeRedriven } from '../../shared/records/envelopes.ts';
import { type DeadLetter, readDeadLetters } from '../../shared/state/deadLetters.ts';
import { originName } from '../../shared/state/lane/admissions.ts';
import { editDigest } from '../../shared/state/lane/letterEdits.ts';
import { isLetterMeant, type LetterFilter } from './filter.ts';
import type { FiledLetter } from './letterFile.ts';
import { MarksByCommit } from './marks.ts';
import { ownKey } from './ownKey.ts';
import { type TrialLetter, tried } from './trial.ts';

/** A letter that may go back, and what goes. */
export interface Candidate extends TrialLetter {
  readonly letter: DeadLetter;
}

export interface Choice {
  readonly filter: LetterFilter;
  /** What goes in the letters' places, and which they are; all as they are stored, where there is none. */
  readonly file?: ReadonlyMap<string, FiledLetter> | undefined;
}

/** Those that are meant and may still come back; `onLeftOut` hears of the others that are meant. */
export async function* candidatesOf(
  job: Job,
  state: Table,
  { filter, file }: Choice,
  onLeftOut: (letter: DeadLetter) => void = () => {},
): AsyncGenerator<Candidate> {
  for await (const letter of readDeadLetters(job.id, state)) {
    const filed = file?.get(originName(letter));
    if ((file && !filed) || !isLetterMeant(job, filter, letter)) continue;
    if (letter.state === 'waiting' || letter.state === 'redriven') {
      yield candidateOf(job, letter, filed?.payload ?? letter.raw);
    } else onLeftOut(letter);
  }
}

/** An event goes where its own key does, whatever it stood beside or was edited from. */
function candidateOf(job: Job, letter: DeadLetter, payload: Uint8Array): Candidate {
  const { stream } = laneNamed(job.id, letter.lane);
  return { letter, payload, stream, partitionKey: ownKey(job, { ...letter, raw: payload }) };
}

const isEdited = ({ letter, payload }: Pick<Candidate, 'letter' | 'payload'>): boolean =>
  Buffer.compare(letter.raw, payload) !== 0;

/** The record that puts it back. */
export function envelopeOf(job: Job, { letter, payload, partitionKey }: Candidate) {
  const { lane, position, slot } = letter;
  return { line: encodeRedriven({ job: job.id, lane, position, slot }, payload), partitionKey };
}

/** What is going to be put back. */
export interface Plan {
  readonly back: ReadonlyMap<StreamName, MarksByCommit>;
  /** Those among them that are not what is stored. */
  readonly edited: MarksByCommit<string>;
  /** How many would be dead again, and the first of them, with the reason. */
  readonly again: { readonly count: number; readonly first?: readonly [DeadLetter, string] };
}

/** @param trial whether what would be dead again is looked for, and left out. */
export async function planOf(
  job: Job,
  candidates: AsyncIterable<Candidate>,
  trial: 'tried' | 'untried',
): Promise<Plan> {
  const back = new Map(laneStreamsOf(job).map((stream) => [stream, new MarksByCommit(job.id)]));
  const edited = new MarksByCommit<string>(job.id);
  let count = 0;
  let first: readonly [DeadLetter, string] | undefined;
  const outcomes = trial === 'tried' ? tried(job, candidates) : untried(candidates);
  for await (const [candidate, reason] of outcomes) {
    const { letter, payload, stream } = candidate;
    const why = reason ?? sizeProblem(job, candidate);
    if (why !== undefined) {
      count += 1;
      first ??= [letter, why];
      continue;
    }
    back.get(stream)?.add(letter, letter.place);
    if (isEdited(candidate)) edited.add(letter, editDigest(letter.position, payload));
  }
  return { back, edited, again: { count, ...(first ? { first } : {}) } };
}

const { recordBytesMax } = SINK_LIMITS;
/** Only of long ones is it worth while to look. */
const FITS_BYTES = 128 * 1024;

function sizeProblem(job: Job, candidate: Candidate): string | undefined {
  if (candidate.payload.length < FITS_BYTES) return undefined;
  const { line, partitionKey } = envelopeOf(job, candidate);
  const bytes = line.length + Buffer.byteLength(partitionKey);
  return bytes <= recordBytesMax
    ? undefined
    : `in its envelope it has ${bytes} bytes, and a record at most ${recordBytesMax}: its event can come back no way but edited to a shorter one`;
}

async function* untried(
  candidates: AsyncIterable<Candidate>,
): AsyncGenerator<readonly [Candidate, undefined]> {
  for await (const candidate of candidates) yield [candidate, undefined];
}
