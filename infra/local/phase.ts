/** What a stack is at, in a line of its picture. */

/** A flush tells one function about one job after the other. */
export interface FlushStep {
  readonly functionName: string;
  readonly job: string;
  /** How many of them are done. */
  readonly done: number;
  readonly of: number;
}

export type Phase =
  | { readonly kind: 'putting' }
  /** All is put; the functions read on. */
  | { readonly kind: 'reading' }
  | { readonly kind: 'closing'; readonly step: FlushStep; readonly elapsedMs: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopping' };

const MS_PER_SECOND = 1_000;
/** Below it an estimate says more than is known. */
const ESTIMATE_STEPS_MIN = 2;

export function phaseText(phase: Phase): string {
  switch (phase.kind) {
    case 'putting':
      return 'putting the input';
    case 'reading':
      return 'all is put; the functions read on';
    case 'closing':
      return closingText(phase);
    case 'waiting':
      return 'waiting for events; Ctrl-C ends everything';
    case 'done':
      return 'done';
    case 'stopping':
      return 'stopping: invocations under way finish first';
  }
}

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
