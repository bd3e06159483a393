/** Which commits may have brought an alert about: asked for each alert and commit, so the cheap questions come first. */
import type { Evidence } from '../evidence.ts';
import type { ExpectedEmission } from '../oracle/windows.ts';
import type { RecordedCommit } from '../world/history.ts';

/** What is expected in each of the job's tables of alerts: the first is of matches or of a gate, the second of time-outs. */
export function emissionsByTable({ expected }: Evidence): readonly ExpectedEmission[][] {
  if (expected.kind === 'status') return [];
  const timeOuts = expected.kind === 'pattern' ? expected.timeOuts : [];
  return [[...expected.alerts], [...timeOuts]];
}

/**
 * A gate's alert comes with the commit that read the event, a pattern's with one that let it go, that of a match that timed
 * out with one that came so far, on a lane that had the key.
 */
export function causeOf(
  { contents, expected }: Evidence,
  { alert, by, due }: ExpectedEmission,
): (commit: RecordedCommit) => boolean {
  if (due !== undefined) {
    const lanes = contents.filter(({ takes }) => takes(alert.key)).map(({ lane }) => lane);
    return ({ lane, watermark }) => watermark >= due && lanes.includes(lane);
  }
  return ({ lane, to, watermark }) =>
    lane === by.lane &&
    (expected.kind !== 'pattern' || watermark > by.event.timestamp) &&
    isAtOrAfter(to, by.position);
}

function isAtOrAfter(a: string, b: string): boolean {
  const [aSequence, aIndex] = a.split('/').map(BigInt) as [bigint, bigint];
  const [bSequence, bIndex] = b.split('/').map(BigInt) as [bigint, bigint];
  return aSequence > bSequence || (aSequence === bSequence && aIndex >= bIndex);
}
