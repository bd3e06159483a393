/** The command line. Results go to standard output; an error is one line on standard error. */
import { Command } from 'commander';
import { UsageError } from '../infra/local/usageError.ts';
import { addGenerate } from './commands/generate.ts';
import { addPut } from './commands/put.ts';
import { addRedrive } from './commands/redrive.ts';
import { addResults } from './commands/results.ts';
import { addRun } from './commands/run.ts';
import { addSideOutput } from './commands/sideOutput.ts';
import { endingOf } from './failure.ts';

const program = new Command('tidemark')
  .description('Event-time, exactly-once analytics on Kinesis, Lambda and DynamoDB.')
  .exitOverride()
  .showSuggestionAfterError(false)
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong use.');

for (const add of [addRun, addPut, addResults, addSideOutput, addRedrive, addGenerate]) {
  add(program);
}

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const FIRST_ARGUMENT = 2;

try {
  if (process.argv.length === FIRST_ARGUMENT) {
    throw new UsageError('name a command; tidemark --help lists them');
  }
  await program.parseAsync();
} catch (error) {
  const { exitCode, line } = endingOf(error);
  if (line !== undefined) console.error(`error: ${line}`);
  process.exitCode = exitCode;
}
