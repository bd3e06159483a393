/** What has happened since the start of a stack, as its picture shows it. */
import { messageOf } from '../../shared/errors.ts';
import { withPlace } from '../../shared/model/throwPlace.ts';
import type { CloseReport } from '../../shared/runtime/closing/closeWindows.ts';
import { countFailures, type Failures, givenBack } from './failures.ts';
import type { FlushStep, PaceReached, Phase } from './phase.ts';

export interface Progress {
  readonly put: number;
  readonly windowsClosed: number;
  /** Grows with everything that a picture may show. */
  readonly changes: number;
  readonly failures: Failures;
  phase(): Phase;
  enter(phase: Phase): void;
  onPut(events: number): void;
  /** How far a paced replay is. */
  onReached(pace: PaceReached): void;
  onStep(step: FlushStep): void;
  onResult(functionName: string, result: unknown): void;
  onFailure(what: string, error: unknown): void;
}

/** @param now monotonic milliseconds */
export function progressOf(now: () => number = () => performance.now()): Progress {
  const failures = countFailures();
  const counts = { put: 0, windowsClosed: 0, changes: 0 };
  let phase: Phase = { kind: 'putting' };
  let closingSince: number | undefined;
  const enter = (next: Phase) => {
    phase = next;
    counts.changes += 1;
  };
  return {
    get put() {
      return counts.put;
    },
    get windowsClosed() {
      return counts.windowsClosed;
    },
    get changes() {
      return counts.changes;
    },
    failures,
    phase: () => phase,
    enter,
    onPut(events) {
      counts.put += events;
      counts.changes += 1;
    },
    onReached(pace) {
      if (phase.kind === 'putting') enter({ kind: 'putting', pace });
    },
    onStep(step) {
      closingSince ??= now();
      enter({ kind: 'closing', step, elapsedMs: now() - closingSince });
    },
    onResult(name, result) {
      counts.changes += 1;
      if (name === 'closeWindows') counts.windowsClosed += windowsClosedIn(result);
      const reason = givenBack(result);
      if (reason !== undefined) failures.add(name, reason);
    },
    onFailure(what, error) {
      counts.changes += 1;
      failures.add(what, withPlace(messageOf(error), error));
    },
  };
}

function windowsClosedIn(reports: unknown): number {
  return Object.values((reports ?? {}) as Record<string, CloseReport>).reduce(
    (sum, { windowsClosed }) => sum + windowsClosed,
    0,
  );
}
