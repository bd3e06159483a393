/**
 * Which rule says that an event is late, for each kind of job: all go by its time and by the watermark of its own lane just
 * before it. The rule for windows is `editionFor`.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { type EventTime, isBehind, type Watermark } from '../../model/time.ts';
import { type Edition, editionFor, sliceOf } from '../../model/window.ts';

/** Late for a window job: every window that the event belongs to takes no more events. Else the edition that takes it. */
export const editionOf =
  ({ assign, allowedLateness }: WindowJob) =>
  (at: EventTime, watermark: Watermark): Edition | 'late' =>
    editionFor(sliceOf(at, assign), assign, watermark, allowedLateness);

/** Late for a pattern job: what the watermark has passed is in order already. */
export const inOrder = (at: EventTime, watermark: Watermark): 'onTime' | 'late' =>
  isBehind(at, watermark) ? 'late' : 'onTime';

/** A status job merges the events of a key in any order: none is late. */
export const inAnyOrder = (): 'onTime' => 'onTime';
