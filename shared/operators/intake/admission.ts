/**
 * How an entry comes into its lane, before its content is looked at. Decided by the runtime, since it takes reading; applied
 * by the intake, the same for every kind of job. What does not enter moves no clock.
 */
import type { Watermark } from '../../model/time.ts';

/** It enters. */
export type Entering =
  /** An event of the stream itself. */
  | { readonly kind: 'event' }
  /** From a dead letter of the job that came back, which met this watermark when it first came. */
  | { readonly kind: 'redriven'; readonly watermark: Watermark };

export type Admission =
  | Entering
  /** Not for this job, a further copy, or the rest of an envelope that is refused: counted as filtered. */
  | { readonly kind: 'skipped' }
  /** In an aggregate, and its producer puts it again where it belongs: counted as filtered, and so that it can be seen. */
  | { readonly kind: 'misplaced' }
  /** A redrive envelope without the dead letter that it claims to be: itself a dead letter. */
  | { readonly kind: 'refused'; readonly reason: string };
