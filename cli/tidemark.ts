/** The command line. Results go to standard output; an error is one line on standard error. */
import './uncaught.ts';

import { INTERRUPTED, writeProblem } from './failure.ts';
import { runCommand } from './program.ts';

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`error: cannot write to standard output: ${writeProblem(error)}`);
  process.exit(1);
});

const ARGUMENTS_FROM = 2;

const { exitCode, line } = await runCommand(process.argv.slice(ARGUMENTS_FROM));
if (line !== undefined) console.error(`error: ${line}`);
// A pipe that was still waited for would keep the process.
if (exitCode === INTERRUPTED) process.exit(exitCode);
process.exitCode = exitCode;
