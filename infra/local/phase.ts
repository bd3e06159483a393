/** What a stack is at, in a line of its picture. */

/** A flush tells one function about one job after the other. */
export interface FlushStep {
  readonly functionName: string;
  readonly job: string;
  /** How many of them are done. */
  readonly done: number;
  readonly of: number;
}

/** How far a paced replay is. */
export interface PaceReached {
  readonly eventTimeMs: number;
  readonly speed: number;
}

export type Phase =
  | { readonly kind: 'putting'; readonly pace?: PaceReached }
  /** All is put; the functions read on. */
  | { readonly kind: 'reading' }
  | { readonly kind: 'closing'; readonly step: FlushStep; readonly elapsedMs: number }
  /** What is done with the rows of a stack that was broken on purpose. */
  | { readonly kind: 'comparing' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopping' };

/** Of an ISO time: hours, minutes and seconds. */
const CLOCK_FROM = 11;
const CLOCK_TO = 19;
const MS_PER_SECOND = 1_000;
/** Below it an estimate says more than is known. */
const ESTIMATE_STEPS_MIN = 2;

export function phaseText(phase: Phase): string {
  switch (phase.kind) {
    case 'putting':
      return `putting the input${phase.pace ? `: ${paceText(phase.pace)}` : ''}`;
    case 'reading':
      return 'all is put; the functions read on';
    case 'closing':
      return closingText(phase);
    case 'comparing':
      return 'comparing all rows with those of tidemark run';
    case 'waiting':
      return 'waiting for events; Ctrl-C ends everything';
    case 'done':
      return 'done';
    case 'stopping':
      return 'stopping: invocations under way finish first';
  }
}

/** It is 18:34:05 there, and time goes 60 times as fast. */
export const paceText = ({ eventTimeMs, speed }: PaceReached): string =>
  `${new Date(eventTimeMs).toISOString().slice(CLOCK_FROM, CLOCK_TO)} UTC, ${speed} x`;

function closingText({ step, elapsedMs }: Extract<Phase, { kind: 'closing' }>): string {
  const { functionName, job, done, of } = step;
  const what = functionName === 'closeWindows' ? 'closing windows' : 'firing timers';
  const left =
    done < ESTIMATE_STEPS_MIN ? '' : `, about ${secondsLeft(done, of, elapsedMs)} s left`;
  return `${what} of ${job}: ${done} of ${of} steps done${left}`;
}

/** As if each step that is left took as long as those that are done, and the present one had just begun. */
const secondsLeft = (done: number, of: number, elapsedMs: number): number =>
  Math.max(1, Math.round(((elapsedMs / done) * (of - done)) / MS_PER_SECOND));
