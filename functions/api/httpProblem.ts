/**
 * What a request gets that cannot be answered: a problem as RFC 9457 has it, which names the parameter, the value and the
 * remedy.
 */
import { RetryableError } from '../../shared/errors.ts';
import type { Problem } from './contract/answers.ts';

const TITLES = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'Internal error',
  503: 'Not available for now',
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** Thrown by whatever answers a request. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: ProblemStatus;
  readonly parameter: string | undefined;

  constructor(status: ProblemStatus, detail: string, parameter?: string) {
    super(detail);
    this.status = status;
    this.parameter = parameter;
  }
}

const OUT_OF_REACH = 'the tables do not answer, or ask for patience; try again in a few seconds';
const BUG = 'something went wrong in the API, and its log says what';

/** What is told of any error: of one that nobody expected, nothing that it holds. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  return error instanceof RetryableError
    ? new HttpProblem(503, OUT_OF_REACH)
    : new HttpProblem(500, BUG);
}

/** A name from outside may be any text. */
const PARAMETER_LENGTH_MAX = 100;

export const problemBody = ({ status, message, parameter }: HttpProblem): Problem => ({
  type: 'about:blank',
  title: TITLES[status],
  status,
  detail: message,
  ...(parameter === undefined ? {} : { parameter: parameter.slice(0, PARAMETER_LENGTH_MAX) }),
});
