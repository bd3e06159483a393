/** Checkers that look at one kind of job only. */
import type { StatusAnalysis, WindowAnalysis } from '../analyses/analysis.ts';
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedStatuses } from '../oracle/statuses.ts';
import type { ExpectedWindows } from '../oracle/windows.ts';

export interface WindowEvidence extends Evidence {
  readonly analysis: WindowAnalysis;
  readonly expected: ExpectedWindows;
  readonly table: Results;
}

export interface StatusEvidence extends Evidence {
  readonly analysis: StatusAnalysis;
  readonly expected: ExpectedStatuses;
  readonly table: Results;
}

export const ofWindows =
  (check: (evidence: WindowEvidence) => string | undefined): Checker =>
  (evidence) => {
    const { analysis, expected } = evidence;
    const [table] = resultsWith(evidence, 'window rows');
    return analysis.kind === 'window' && expected.kind === 'window' && table
      ? check({ ...evidence, analysis, expected, table })
      : undefined;
  };

export const ofStatuses =
  (check: (evidence: StatusEvidence) => string | undefined): Checker =>
  (evidence) => {
    const { analysis, expected } = evidence;
    const [table] = resultsWith(evidence, 'status rows');
    return analysis.kind === 'status' && expected.kind === 'status' && table
      ? check({ ...evidence, analysis, expected, table })
      : undefined;
  };
