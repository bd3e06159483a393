/** All commands, and what a call of them ends with. */
import { Command } from 'commander';
import { UsageError } from '../inputs/usageError.ts';
import { addDashboard } from './commands/dashboard.ts';
import { addDead } from './commands/dead.ts';
import { addGenerate } from './commands/generate.ts';
import { addLate } from './commands/late.ts';
import { addNew } from './commands/newJob.ts';
import { addPut } from './commands/put.ts';
import { addRedrive } from './commands/redrive.ts';
import { addResults } from './commands/results.ts';
import { addRun } from './commands/run.ts';
import { addStatus } from './commands/status.ts';
import { type Ending, EXIT_CODES_HELP, endingOf } from './failure.ts';

export function createProgram(): Command {
  const program = new Command('tidemark')
    .description('Event-time, exactly-once analytics on Kinesis, Lambda and DynamoDB.')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false)
    .addHelpText('afterAll', EXIT_CODES_HELP);
  for (const add of [
    addStatus,
    addDashboard,
    addRun,
    addPut,
    addResults,
    addLate,
    addDead,
    addRedrive,
    addGenerate,
    addNew,
  ]) {
    add(program);
  }
  return program;
}

/** Runs a command. What went wrong is in the ending, and printed nowhere else. */
export async function runCommand(args: readonly string[]): Promise<Ending> {
  try {
    if (args.length === 0) throw new UsageError('name a command; tidemark --help lists them');
    await createProgram().parseAsync(args, { from: 'user' });
    return { exitCode: 0 };
  } catch (error) {
    return endingOf(error);
  }
}
