/** Checkers that look at one kind of job only. */
import type { StatusAnalysis, WindowAnalysis, WindowAnswers } from '../analyses/analysis.ts';
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedStatuses } from '../oracle/statuses.ts';
import type { ExpectedWindows } from '../oracle/windows.ts';

export interface WindowEvidence extends Evidence {
  readonly analysis: WindowAnalysis;
  readonly expected: ExpectedWindows;
  readonly table: Results;
  /** What the table should say. */
  readonly answers: WindowAnswers;
}

export interface StatusEvidence extends Evidence {
  readonly analysis: StatusAnalysis;
  readonly expected: ExpectedStatuses;
  readonly table: Results;
}

/** Looks at each table of a window's rows. */
export const ofWindows =
  (check: (evidence: WindowEvidence) => string | undefined): Checker =>
  (evidence) => {
    const { analysis, expected } = evidence;
    if (analysis.kind !== 'window' || expected.kind !== 'window') return undefined;
    const told = [analysis, ...(analysis.summary ? [analysis.summary] : [])];
    const [problem] = resultsWith(evidence, 'window rows').flatMap((table, i) => {
      const answers = told[i];
      if (!answers) return [`nothing says what ${table.name} should hold`];
      const found = check({ ...evidence, analysis, expected, table, answers });
      return found === undefined ? [] : [`${table.name}: ${found}`];
    });
    return problem;
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
