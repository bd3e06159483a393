/** What a pattern job's commit carries beside what all commits do: what waits, and the marks. */
import type { Lane } from '../../model/lane.ts';
import type { ArrivalTime } from '../../model/time.ts';
import type { Held, Place } from '../../operators/pattern/held.ts';
import type { Waits } from '../../operators/pattern/waits.ts';
import { packBlob } from '../../state/lane/blob.ts';
import { encodeHeld } from '../../state/lane/heldCodec.ts';
import { type HeldMarks, withoutMarks } from '../../state/lane/heldMarks.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import type { CommitDraft } from '../lanes/commitDraft.ts';

/** What the commit says of what waits behind it. */
export function marksFor({ runs: [first], after }: Waits, letGo: Place | undefined): HeldMarks {
  // Where nothing waits, nothing is left to let go.
  if (!first) return {};
  return {
    heldFrom: first.slot,
    heldExpires: first.expiresAt,
    ...(after ? { heldAfter: after } : {}),
    ...(letGo ? { letGo } : {}),
  };
}

interface PatternParts {
  readonly lane: Lane;
  readonly lastArrival: ArrivalTime | undefined;
  readonly held: readonly Held[];
  readonly marks: HeldMarks;
}

export function withPatternParts(
  base: CommitDraft,
  { lane, lastArrival, held, marks }: PatternParts,
): CommitDraft {
  const { expiresAt } = base.commit;
  const packed = held.length > 0 ? packBlob(lane, encodeHeld(held), expiresAt) : undefined;
  const { lastArrival: _lastArrival, ended, ...rest } = withoutMarks(base.commit);
  const commit: Commit = {
    ...rest,
    ...(packed ? { held: packed.reference } : {}),
    ...marks,
    ...(lastArrival === undefined ? {} : { lastArrival }),
    // Its children begin once everything is let go.
    ...(ended && !marks.letGo ? { ended } : {}),
  };
  return { ...base, commit, chunks: [...base.chunks, ...(packed?.chunks ?? [])] };
}
