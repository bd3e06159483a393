/**
 * Which dead letters were let back in. The first copy of an origin to arrive is admitted, for ever: the item names the
 * position of that copy, so a retry of its batch finds itself and any other copy finds it taken. It also says what the
 * letter is judged by, so that a copy that is committed in parts is judged the same in each, though the letter expires.
 */
import { formatHashRange, type HashRange, parseHashRange } from '../../model/hashRange.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import { formatPosition, type Position } from '../../model/position.ts';
import {
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import type { RedriveOrigin } from '../../records/envelopes.ts';
import { readable, STAMP, storedAs } from '../formats.ts';
import { admissionPartition, expirySeconds } from '../keys.ts';

type Named = Pick<RedriveOrigin, 'job' | 'lane' | 'position'>;

/** Names an origin: copies of one event have the same. */
export const originName = ({ lane, position }: Pick<Named, 'lane' | 'position'>): string =>
  `${lane}#${position}`;

const keyOf = (origin: Named) => ({ pk: admissionPartition(origin.job), sk: originName(origin) });

/** What a letter that was let in is judged by. */
export interface LetIn {
  /** The watermark that judged the letter when it first came. */
  readonly watermark: Watermark;
  /** Of an aggregate: that of the shard on which it first stood. */
  readonly range?: HashRange | undefined;
}

/** Who was let in, as far as a copy is concerned. */
export type Admitted = LetIn | 'another' | 'nobody';

/** Where a copy stands: the position of its first entry. */
export interface Copy extends Position {
  readonly lane: Lane;
}

const nameOf = (copy: Copy): string => `${laneName(copy.lane)}#${formatPosition(copy)}`;

/** Lets the copy in, unless another one was. */
export async function admit(
  table: Table,
  origin: Named,
  copy: Copy,
  { watermark, range }: LetIn,
  expiresAt: ProcessingTime,
): Promise<LetIn | 'another'> {
  const item = {
    ...keyOf(origin),
    ...STAMP,
    by: nameOf(copy),
    watermark: watermark === NO_WATERMARK ? null : watermark,
    ...(range ? { range: formatHashRange(range) } : {}),
    [EXPIRES_AT]: expirySeconds(expiresAt),
  };
  const outcome = await table.put(item, { kind: 'absent' });
  if (outcome.kind === 'written') return { watermark, range };
  const admitted = await readAdmitted(table, origin, copy);
  return admitted === 'nobody' ? 'another' : admitted;
}

/** Whether this copy was let in before, or another one. */
export async function readAdmitted(table: Table, origin: Named, copy: Copy): Promise<Admitted> {
  const item = readable(await table.get(keyOf(origin), 'strong'));
  if (!item) return 'nobody';
  return item['by'] === nameOf(copy) ? letInOf(item) : 'another';
}

/** What earlier versions let in was judged by its envelope, which said nothing that could be checked: it is never late. */
const letInOf = ({ watermark, range }: Item): LetIn => ({
  watermark: storedAs(watermark, watermarkAt) ?? NO_WATERMARK,
  range: typeof range === 'string' ? parseHashRange(range) : undefined,
});

/** The positions of a lane's dead letters of which a copy was let in. */
export async function readAdmittedPositions(table: Table, lane: Lane): Promise<Set<string>> {
  const prefix = originName({ lane: laneName(lane), position: '' });
  const positions = new Set<string>();
  const ofLane = table.query({
    pk: admissionPartition(lane.job),
    from: prefix,
    // Behind every digit, which is what a position begins with.
    to: `${prefix}:`,
    order: 'ascending',
    consistency: 'strong',
  });
  for await (const item of ofLane) positions.add(String(item['sk']).slice(prefix.length));
  return positions;
}
