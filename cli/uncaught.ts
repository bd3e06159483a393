/**
 * What a program says of an error that nobody catches. Imported before anything else, because a job's declaration that is
 * refused throws while modules are loaded, which no `try` of the program is around.
 */
import { JobDefinitionError } from '../shared/errors.ts';
import { endingOf } from './failure.ts';

process.on('uncaughtException', (error) => {
  const { exitCode, line } = endingOf(error);
  // Of anything else, whoever mends it needs the stack.
  console.error(error instanceof JobDefinitionError ? `error: ${line}` : error);
  process.exit(exitCode);
});
