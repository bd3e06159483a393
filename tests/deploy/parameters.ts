/**
 * What this run deploys in place of jobs' usual parameters, from the variables that deployed functions read:
 * `TIDEMARK_ORDER_TIMEOUT_ROWS=problems npm run test:deploy`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOBS } from '../../functions/jobs.ts';
import { parameterVariable } from '../../shared/lambda/contract.ts';

interface Override {
  readonly job: string;
  readonly parameter: string;
  readonly variable: string;
  readonly value: string;
}

const OVERRIDES: readonly Override[] = JOBS.flatMap(({ name: job, parameters }) =>
  Object.keys(parameters).flatMap((parameter) => {
    const variable = parameterVariable(job, parameter);
    const value = process.env[variable];
    return value === undefined ? [] : [{ job, parameter, variable, value }];
  }),
);

export const VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  OVERRIDES.map(({ variable, value }) => [variable, value]),
);

/** The options that give `tidemark run` the same. */
export const runOptions = (job: string): string[] =>
  OVERRIDES.filter((each) => each.job === job).flatMap(({ parameter, value }) => [
    '--param',
    `${parameter}=${value}`,
  ]);

/** As a user does it: beside the other variables of all functions. */
export function deployWithParameters(project: string): void {
  const file = join(project, 'serverless.yml');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(/^( +)TIDEMARK_STAGE: .*\n/m, (line, indent: string) =>
    [line, ...Object.entries(VARIABLES).map(([name, text]) => `${indent}${name}: ${text}\n`)].join(
      '',
    ),
  );
  writeFileSync(file, after);
}
