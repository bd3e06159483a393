/** What there is to say before a put begins, by what is known of earlier ones. It goes on in any case. */
import { arrivalTime, since } from '../../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../../shared/runtime/settings.ts';
import { nameLifeOf } from '../../shared/state/retention.ts';
import type { PutRecord } from './putRecords.ts';

export type BeginningPut = Omit<PutRecord, 'isFinished'>;

/**
 * Of a file under a new name: it counts again.
 * @param lineOf finishes what broke off
 */
export function knownContent(
  put: BeginningPut,
  known: readonly PutRecord[],
  lineOf: (before: PutRecord) => string,
): string[] {
  const before = known.findLast(
    ({ origin, digest }) => origin === put.origin && digest === put.digest,
  );
  if (!before) return [];
  const { name, stream, isFinished } = before;
  if (isFinished) {
    return [
      `warning: this file was put on ${stream} as ${name} on ${dayOf(before)}; under a new name its events count again`,
    ];
  }
  return [
    `warning: a put of this file on ${stream} as ${name} on ${dayOf(before)} is not finished; under a new name its events count again. Finish it with: ${lineOf(before)}`,
  ];
}

/** Of a name that goes on. */
export function knownName(put: BeginningPut, known: readonly PutRecord[]): string[] {
  const own = known.filter(({ name }) => name === put.name);
  const before = own.findLast(({ origin }) => origin === put.origin);
  if (!before) {
    const elsewhere = own.at(-1);
    return elsewhere ? [`warning: ${newOnStream(put, elsewhere)}`] : [];
  }
  return [...otherContent(put, before), ...leftOut(put, before), ...forgotten(put, before)];
}

function newOnStream({ name, stream }: BeginningPut, elsewhere: PutRecord): string {
  const where = elsewhere.stream === stream ? `a ${stream} that is gone` : elsewhere.stream;
  return `${name} has put on ${where}, and is a new name on this ${stream}: its events count there, and here`;
}

function otherContent({ name, file, digest }: BeginningPut, before: PutRecord): string[] {
  if (before.digest === digest) return [];
  if (before.file === file) {
    return [
      `note: ${file} has changed since it was put as ${name}: what is put already has to stand in front as it did, event for event`,
    ];
  }
  return [
    `warning: ${name} has put ${before.file}: of this file, as many of the first events as it has put are taken for those, and do not count`,
  ];
}

function leftOut({ name, fromLine }: BeginningPut, before: PutRecord): string[] {
  if (fromLine >= before.fromLine) return [];
  return [
    `warning: ${name} began at line ${before.fromLine}: what is in front of it may be taken for put, and not count; put that under a name of its own`,
  ];
}

/** Lanes that are deployed otherwise forget sooner; later, none. */
const NAME_LIFE = nameLifeOf(DEFAULT_SETTINGS.streamRetention);

function forgotten({ name, at }: BeginningPut, before: PutRecord): string[] {
  const [then, now] = [before.at, at].map((each) => arrivalTime(Date.parse(each)));
  if (then === undefined || now === undefined || since(then, now) <= NAME_LIFE) return [];
  return [
    `warning: ${name} put on ${dayOf(before)}, which is longer ago than names are remembered: what it has put counts again`,
  ];
}

const DAY_LENGTH = 'yyyy-mm-dd'.length;
const dayOf = ({ at }: PutRecord): string => at.slice(0, DAY_LENGTH);
