/** What comes into a lane that should not. */
import { type Canary, canary } from './canary.ts';

export const RECORD_CANARIES: readonly Canary[] = [
  canary(
    'misplaced records kept',
    'runtime/ingest/admitEntries.ts',
    'return isOutside(range, entry) ? MISPLACED : EVENT;',
    'return EVENT;',
  ),
  canary(
    'a redriven event admitted without looking',
    'runtime/ingest/redrivenCopies.ts',
    'if (!isMeant) return forged(',
    'if (!letter) return forged(',
  ),
  canary(
    'a redriven event decided upon by any shard',
    'runtime/ingest/admitEntries.ts',
    "return admission.kind === 'event' ? ELSEWHERE : { ...admission, kind: 'elsewhere' };",
    "return admission.kind === 'event' ? ELSEWHERE : admission;",
  ),
  canary(
    'an edited letter refused',
    'runtime/ingest/redrivenCopies.ts',
    'edited: await notedEdits(state, lane, first.slot, others)',
    'edited: new Set<string>()',
  ),
  canary(
    'a late event redriven like a dead letter',
    'state/lane/sideOutput.ts',
    "event.kind === 'dead' && positions.has(event.position)",
    'positions.has(event.position)',
  ),
  canary(
    'a redriven event judged by nothing that was stored',
    'runtime/ingest/redrivenCopies.ts',
    'const { watermark } = letter;',
    'const watermark = Number.NEGATIVE_INFINITY as typeof letter.watermark;',
  ),
  canary(
    'envelopes of before admitted',
    'runtime/ingest/redrivenCopies.ts',
    'if (origin.slot === undefined) return { reason: OLD_FORM, mayBeIn: true };',
    'if (origin.slot === undefined) return { watermark: Number.NEGATIVE_INFINITY as never };',
  ),
];
