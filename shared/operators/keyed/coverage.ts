/**
 * Which commits name the parts of a lane's snapshot. A part holds all keys whose hashes are in a stretch, as they were before its
 * commit; so a key's state is in the newest part that covers its hash, and in the commits from that part's on. Pure.
 *
 * 1. The stretches cover all hashes, and do not overlap: a newer part takes what it covers from the older ones.
 * 2. Restoring reads from the oldest commit that is left among them; nothing before it is needed.
 */
import { crc32 } from 'node:zlib';
import { InvariantViolation } from '../../errors.ts';
import type { ProcessingTime } from '../../model/time.ts';

/** Hashes are from 0 up to this, exclusive. */
export const HASHES = 2 ** 32;

export const hashOf = (key: string): number => crc32(key);

/** From the first hash up to the last, which is exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Covered extends Stretch {
  /** Of the commit that names the part; of a lane's beginning, which has none, its first. */
  readonly slot: number;
  /** When that commit, and the part, may be deleted. */
  readonly expiresAt: ProcessingTime;
}

export class Coverage {
  /** By hash. */
  readonly #stretches: readonly Covered[];

  private constructor(stretches: readonly Covered[]) {
    this.#stretches = stretches;
  }

  /** Nothing but one commit. */
  static from(slot: number, expiresAt: ProcessingTime): Coverage {
    return new Coverage([{ from: 0, to: HASHES, slot, expiresAt }]);
  }

  get stretches(): readonly Covered[] {
    return this.#stretches;
  }

  /** That of the oldest commit; of more, the first. */
  get oldest(): Covered {
    return this.#stretches.reduce((oldest, each) => (each.slot < oldest.slot ? each : oldest));
  }

  with(part: Covered): Coverage {
    const others = this.#stretches.flatMap((each) => without(each, part));
    return new Coverage([...others, part].sort((a, b) => a.from - b.from));
  }

  /** The slot from which on commits add to what a part says of the hash. */
  slotOf(hash: number): number {
    let low = 0;
    let high = this.#stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#stretches[middle] as Covered).from <= hash) low = middle;
      else high = middle - 1;
    }
    const found = this.#stretches[low];
    if (found && hash >= found.from && hash < found.to) return found.slot;
    throw new InvariantViolation(`no part of a snapshot covers hash ${hash}`);
  }
}

/** What is left of a stretch beside a newer one. */
function without(stretch: Covered, { from, to }: Stretch): Covered[] {
  if (to <= stretch.from || from >= stretch.to) return [stretch];
  return [
    ...(stretch.from < from ? [{ ...stretch, to: from }] : []),
    ...(stretch.to > to ? [{ ...stretch, from: to }] : []),
  ];
}
