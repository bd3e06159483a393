/** Other people's clients as child processes, led to a stack. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ended, mustRun, runCommand } from '../deploy/commands.ts';
import type { Tools } from '../deploy/tools.ts';
import type { StackProcess } from './stackProcess.ts';

const BOTO = join(import.meta.dirname, 'boto.py');
const COMMAND_MS_MAX = 60_000;

/** What boto.py does, and with which arguments. */
export type Call = readonly [what: string, args?: object];

export interface Commands {
  /** The answers of boto.py, in the order of the calls. */
  boto(...calls: Call[]): Promise<unknown[]>;
  /** What the AWS CLI answers. */
  aws(...args: string[]): Promise<unknown>;
  /** How the AWS CLI ends where it may fail. */
  awsEnds(...args: string[]): Promise<Ended>;
  /** What a script of bash prints, which has both on its path. */
  bash(script: string): Promise<string>;
  /** As the AWS CLI takes a file: `file://` is text, `fileb://` bytes. */
  fileWith(scheme: 'file' | 'fileb', content: string): string;
}

export function commandsFor(
  { variables }: Pick<StackProcess, 'variables'>,
  { python = '', aws = '' }: Tools,
  folder: string,
): Commands {
  const env = { PATH: `${dirname(python)}:${process.env['PATH']}`, ...variables };
  const limits = { env, limitMs: COMMAND_MS_MAX };
  return {
    async boto(...calls) {
      const input = JSON.stringify(calls.map(([what, args = {}]) => [what, args]));
      const { out } = await mustRun(python, [BOTO], { ...limits, input });
      return JSON.parse(out) as unknown[];
    },
    aws: async (...args) => JSON.parse((await mustRun(aws, args, limits)).out),
    awsEnds: (...args) => runCommand(aws, args, limits),
    async bash(script) {
      // Behind a pipe, since what this process gives as standard output cannot be opened by its name.
      const piped = `{ ${script}\n} | cat`;
      return (await mustRun('bash', ['-euo', 'pipefail', '-c', piped], limits)).out;
    },
    fileWith(scheme, content) {
      const file = join(folder, 'given');
      writeFileSync(file, content);
      return `${scheme}://${file}`;
    },
  };
}
