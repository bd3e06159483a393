/**
 * Which dead letters were let back in. The first copy of an origin to arrive is admitted, for ever: the item
 * names the position of that copy, so a retry of its batch finds itself and any other copy finds it taken.
 */
import { type Lane, laneName } from '../model/lane.ts';
import { formatPosition, type Position } from '../model/position.ts';
import type { ProcessingTime } from '../model/time.ts';
import { EXPIRES_AT, type Table } from '../ports/table.ts';
import type { RedriveOrigin } from '../records/redrive.ts';
import { readable, STAMP } from './formats.ts';
import { admissionPartition, expirySeconds } from './keys.ts';

/** Names an origin: copies of one event have the same. */
export const originName = ({ lane, position }: Pick<RedriveOrigin, 'lane' | 'position'>): string =>
  `${lane}#${position}`;

const keyOf = (origin: Pick<RedriveOrigin, 'job' | 'lane' | 'position'>) => ({
  pk: admissionPartition(origin.job),
  sk: originName(origin),
});

/** Whether the copy at this place is the one that counts. */
export async function admit(
  table: Table,
  origin: RedriveOrigin,
  lane: Lane,
  position: Position,
  expiresAt: ProcessingTime,
): Promise<'admitted' | 'taken'> {
  const by = `${laneName(lane)}#${formatPosition(position)}`;
  const key = keyOf(origin);
  const item = { ...key, ...STAMP, by, [EXPIRES_AT]: expirySeconds(expiresAt) };
  if ((await table.put(item, { kind: 'absent' })).kind === 'written') return 'admitted';
  const stored = readable(await table.get(key, 'strong'));
  return stored?.['by'] === by ? 'admitted' : 'taken';
}

/** Whether a copy of this dead letter was let in already. */
export async function isAdmitted(
  table: Table,
  origin: Pick<RedriveOrigin, 'job' | 'lane' | 'position'>,
): Promise<boolean> {
  return readable(await table.get(keyOf(origin), 'strong')) !== undefined;
}
