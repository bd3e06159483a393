/**
 * How an entry comes into its lane, before its content is looked at. Decided outside, since it takes reading; applied here,
 * the same for every kind of job. What does not enter moves no clock, and garbage that does not enter is no dead letter.
 */
import type { Watermark } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { bury, type SideEvent } from './progress.ts';

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

export interface Turning {
  filtered: number;
  misplaced: number;
  dead: number;
  watermark: Watermark;
  readonly side: SideEvent[];
}

/** Undefined where the entry does not enter; then it is counted. */
export function entering(state: Turning, entry: Entry, admission: Admission): Entering | undefined {
  switch (admission.kind) {
    case 'event':
    case 'redriven':
      return admission;
    case 'refused': {
      const raw = entry.redriven?.envelope ?? entry.raw;
      bury(state, { ...entry, raw }, state.watermark, admission.reason);
      return undefined;
    }
    case 'misplaced':
      state.misplaced += 1;
      state.filtered += 1;
      return undefined;
    case 'skipped':
      state.filtered += 1;
      return undefined;
  }
}
