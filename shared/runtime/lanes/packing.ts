/** What has to be put before a commit that names it. */
import type { Lane } from '../../model/lane.ts';
import type { Entry } from '../../operators/keyed/keyedStore.ts';
import type { Item } from '../../ports/table.ts';
import { type BlobReference, packBlob } from '../../state/lane/blob.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import type { Part } from '../../state/lane/storeMarks.ts';
import type { CommitDraft } from './commitDraft.ts';

/** A part, with what has to be put before the commit that names it. */
export interface PackedPart {
  readonly part: Part;
  readonly chunks: readonly Item[];
  readonly entries: readonly Entry[];
}

/** Gathers what has to be put before a commit. */
export class Packing {
  readonly #lane: Lane;
  readonly #base: CommitDraft;
  readonly #chunks: Item[];

  constructor(lane: Lane, base: CommitDraft) {
    this.#lane = lane;
    this.#base = base;
    this.#chunks = [...base.chunks];
  }

  pack(bytes: Uint8Array): BlobReference {
    const packed = packBlob(this.#lane, bytes, this.#base.commit.expiresAt);
    this.#chunks.push(...packed.chunks);
    return packed.reference;
  }

  with(commit: Commit, part: PackedPart | undefined): CommitDraft {
    if (!part) return { ...this.#base, commit, chunks: this.#chunks };
    const chunks = [...this.#chunks, ...part.chunks];
    return { ...this.#base, commit: { ...commit, part: part.part }, chunks };
  }
}
