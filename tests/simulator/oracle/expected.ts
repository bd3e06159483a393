/** The oracle for each kind of job. Nothing of the engine is used here. */
import type { Analysis } from '../analyses/analysis.ts';
import type { Reading } from './lanes.ts';
import { type ExpectedPatterns, expectedPatterns } from './patterns.ts';
import { type ExpectedStatuses, expectedStatuses } from './statuses.ts';
import { type ExpectedWindows, expectedWindows } from './windows.ts';

export type Expected = ExpectedWindows | ExpectedPatterns | ExpectedStatuses;

export interface Question extends Reading {
  readonly idleAfter: number;
  readonly stateRetention: number;
  /** When the end of the input was announced to the job. */
  readonly inputEnds: readonly number[];
}

/** What a job must have answered once all is read, all is silent and every time is past. */
export function expectedResults(analysis: Analysis, question: Question): Expected {
  const { stateRetention, idleAfter, inputEnds } = question;
  switch (analysis.kind) {
    case 'window':
      return expectedWindows(analysis, stateRetention, question);
    case 'pattern':
      return expectedPatterns(analysis, { idleAfter, stateRetention, inputEnds }, question);
    case 'status': {
      const watermark = Number.POSITIVE_INFINITY;
      return expectedStatuses(analysis, { watermark, stateRetention }, question);
    }
  }
}
