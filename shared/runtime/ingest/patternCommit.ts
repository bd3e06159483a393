/** What a pattern job's commit carries beside what all commits do: what waits, the new states and alerts, and the marks. */
import type { Lane } from '../../model/lane.ts';
import type { ArrivalTime } from '../../model/time.ts';
import type { Held, Place } from '../../operators/pattern/held.ts';
import type { Waits } from '../../operators/pattern/waits.ts';
import type { Redo } from '../../operators/redo.ts';
import type { Item } from '../../ports/table.ts';
import { type BlobReference, packBlob } from '../../state/lane/blob.ts';
import { encodeHeld } from '../../state/lane/heldCodec.ts';
import { type Adopting, type HeldMarks, withoutMarks } from '../../state/lane/heldMarks.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { encodeRedo } from '../../state/lane/redoCodec.ts';
import type { CommitDraft } from '../lanes/commitDraft.ts';

/** What the commit says of what waits behind it. */
export function marksFor(
  { runs: [first], after }: Waits,
  letGo: Place | undefined,
  adopting: Adopting | undefined,
): HeldMarks {
  // Where nothing waits, nothing is left to let go.
  if (!first) return {};
  return {
    heldFrom: first.slot,
    heldExpires: first.expiresAt,
    ...(after ? { heldAfter: after } : {}),
    ...(letGo ? { letGo } : {}),
    ...(adopting ? { adopting } : {}),
  };
}

interface PatternParts {
  readonly lane: Lane;
  readonly lastArrival: ArrivalTime | undefined;
  readonly held: readonly Held[];
  readonly redo: Redo;
  readonly marks: HeldMarks;
}

export function withPatternParts(
  base: CommitDraft,
  { lane, lastArrival, held, redo, marks }: PatternParts,
): CommitDraft {
  const { expiresAt } = base.commit;
  const chunks: Item[] = [...base.chunks];
  const pack = (bytes: Uint8Array): BlobReference => {
    const packed = packBlob(lane, bytes, expiresAt);
    chunks.push(...packed.chunks);
    return packed.reference;
  };
  const hasRedo = redo.states.size > 0 || redo.alerts.length > 0;
  const { lastArrival: _lastArrival, ended, ...rest } = withoutMarks(base.commit);
  const commit: Commit = {
    ...rest,
    ...(hasRedo ? { redo: pack(encodeRedo(redo)) } : {}),
    ...(held.length > 0 ? { held: pack(encodeHeld(held)) } : {}),
    ...marks,
    ...(lastArrival === undefined ? {} : { lastArrival }),
    // Its children begin once everything is let go.
    ...(ended && !marks.letGo ? { ended } : {}),
  };
  return { ...base, commit, chunks };
}
