/** A stage on the emulator, from outside: the commands a user has, and what its tables and logs hold. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { physicalName } from '../../shared/lambda/contract.ts';
import { type Ended, mustRun } from './commands.ts';
import { PATH } from './emulator.ts';
import { VARIABLES } from './parameters.ts';

export const STAGE = 'local';
const REGION = 'us-east-1';
/** The emulator accepts anything; the secret is recognisable, so that it can be looked for where it must not be. */
export const SECRET = 'not-to-be-printed-anywhere';
/** What `npx osls` runs. */
const OSLS = 'node_modules/osls/bin/serverless.js';
const COMMAND_MS_MAX = 120_000;
const CLI = fileURLToPath(new URL('../../cli/tidemark.ts', import.meta.url));
const CALLS = fileURLToPath(new URL('calls.py', import.meta.url));
const SIGNED = fileURLToPath(new URL('signed.py', import.meta.url));

export type Call = readonly [service: string, operation: string, args?: object];

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Deployment {
  /** Variables that lead clients to the stage, and tell commands the parameters of its jobs. */
  readonly variables: Readonly<Record<string, string>>;
  /** The copy of the project that is deployed. */
  readonly project: string;
  osls(...args: string[]): Promise<Ended>;
  tidemark(...args: string[]): Promise<Ended>;
  /** Answers of the AWS API, for services that the project has no client of. */
  calls(...calls: Call[]): Promise<Record<string, unknown>[]>;
  /** Answers to GET, signed with the credentials of the stage. */
  signed(...addresses: string[]): Promise<Answer[]>;
  /** Messages that functions logged, by their names. */
  logsOf(names: readonly string[]): Promise<Map<string, string[]>>;
}

export function deploymentOn(options: {
  endpoint: string;
  /** Its folder `project` is the copy. */
  folder: string;
  python: string;
}): Deployment {
  const project = join(options.folder, 'project');
  const home = join(options.folder, 'home');
  mkdirSync(home, { recursive: true });
  const variables = {
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: SECRET,
    ...VARIABLES,
  };
  const env = { PATH, HOME: home, ...variables };
  const limits = { env, limitMs: COMMAND_MS_MAX };
  const python = async (script: string, given: readonly unknown[]): Promise<unknown> => {
    const input = JSON.stringify(given);
    const { out } = await mustRun(options.python, [script], { ...limits, input });
    return JSON.parse(out);
  };
  const calls = async (...all: Call[]) => {
    const given = all.map(([service, name, args = {}]) => [service, name, args]);
    return (await python(CALLS, given)) as Record<string, unknown>[];
  };
  return {
    variables,
    project,
    calls,
    async signed(...addresses) {
      const answers = (await python(SIGNED, addresses)) as [number, string][];
      return answers.map(([status, body]) => ({ status, body }));
    },
    osls: (...args) => mustRun(process.execPath, [OSLS, ...args], { ...limits, cwd: project }),
    tidemark: (...args) => mustRun(process.execPath, [CLI, ...args], limits),
    async logsOf(names) {
      const groups = names.map((name) => `/aws/lambda/${physicalName(STAGE, name)}`);
      const answers = await calls(
        ...groups.map((logGroupName): Call => ['logs', 'filter_log_events', { logGroupName }]),
      );
      return new Map(
        names.map((name, i) => {
          const events = (answers[i]?.['events'] ?? []) as { message: string }[];
          return [name, events.map(({ message }) => message)];
        }),
      );
    },
  };
}
