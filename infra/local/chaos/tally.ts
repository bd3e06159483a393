/** What was done to a stack on purpose, and how that is said. */
import { counted } from '../../../shared/model/counted.ts';

export interface Tally {
  killed: number;
  /** Batches that a second invocation got as well: after the first one, or while it worked. */
  twice: number;
  /** Batches that came once more behind later ones, as from an older checkpoint. */
  late: number;
  split: number;
}

export const emptyTally = (): Tally => ({ killed: 0, twice: 0, late: 0, split: 0 });

export const tallyText = ({ killed, twice, late, split }: Tally): string =>
  [
    `killed ${counted(killed, 'invocation')}`,
    `delivered ${counted(twice, 'batch', 'batches')} twice and ${late} late`,
    `split ${counted(split, 'shard')}`,
  ].join(', ');
