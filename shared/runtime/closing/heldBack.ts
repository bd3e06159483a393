/**
 * When a nudge comes before its time. Every lane nudges as it passes a window's end, but the window closes with the
 * last of them: a nudge that meets one lane behind the end is done. Without this, lanes would cost lanes x lanes
 * reads a window. Corrections that such a nudge leaves alone are found by the schedule.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { NO_WATERMARK, type ProcessingTime } from '../../model/time.ts';
import { hasClosed, nextWindowEnd } from '../../model/window.ts';
import { isSilent } from '../../operators/jobWatermark.ts';
import type { ClosingState } from '../../state/closing/closingState.ts';
import type { EngineSettings } from '../settings.ts';
import { type LaneTail, newestOf } from './logTail.ts';

/** Whether a lane, fully read, keeps the next window open by itself. */
export function holdsBack(
  job: WindowJob,
  settings: EngineSettings,
  state: ClosingState,
  now: ProcessingTime,
): (tail: LaneTail) => boolean {
  if (state.watermark === NO_WATERMARK) return () => false;
  const nextEnd = nextWindowEnd(state.watermark, job.assign);
  return (tail) => {
    const head = newestOf(tail, state);
    if (!head || head.watermark === NO_WATERMARK || tail.hasUnread) return false;
    const lane = { ...head, hasUnread: false };
    return !hasClosed(nextEnd, head.watermark) && !isSilent(lane, now, settings.idleAfter);
  };
}
