/**
 * Functions note why they failed, where people look first (`shared/state/failures.ts`).
 *
 * Best effort: what was thrown is thrown on, whatever becomes of the note, and little later. What ends the process, such as
 * its time limit, leaves no note; nor does what is thrown before there is a function, or a table that does not answer.
 */
import { messageOf } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Ports } from '../ports/ports.ts';
import type { EngineSettings } from '../runtime/settings.ts';
import { type Doing, type FailingFunction, putFailure } from '../state/failures.ts';

/** Does some work, and notes its failure. */
export type Noted = <T>(work: () => Promise<T>, doing: Doing) => Promise<T>;

/** A table that is out of reach is often why the work failed: the note does not wait for it as the work did. */
const NOTE_MS_MAX = 1_000;

export function noteFailures(
  { state, clock }: Pick<Ports, 'state' | 'clock'>,
  { logRetention }: Pick<EngineSettings, 'logRetention'>,
  { job, by }: { readonly job: JobId; readonly by: FailingFunction },
): Noted {
  const note = async (problem: unknown, doing: Doing): Promise<void> => {
    const error = problem instanceof Error ? problem.name : 'Error';
    const failure = { by, at: clock.now(), error, message: messageOf(problem), ...doing };
    await putFailure(state, job, failure, logRetention);
  };
  return async (work, doing) => {
    try {
      return await work();
    } catch (problem) {
      await inTime(note(problem, doing));
      throw problem;
    }
  };
}

/** Waits for it, and not for long; what it throws is nobody's business. */
async function inTime(note: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, NOTE_MS_MAX);
  });
  await Promise.race([note.catch(() => {}), outOfTime]);
  clearTimeout(timer);
}
