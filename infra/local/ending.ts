/**
 * How `npm start` ends where it fails: a line, and the exit code. Imported before anything else, because a job's declaration
 * that is refused throws while modules are loaded, which no `try` of the program is around.
 */
import { endingOf } from '../../cli/failure.ts';
import { isDiskFull, writeFailure } from './writeFailure.ts';

export function end(error: unknown): never {
  const isFull = error instanceof Error && isDiskFull(error);
  const { exitCode, line } = endingOf(isFull ? writeFailure('a file of the stack', error) : error);
  if (line !== undefined) process.stderr.write(`error: ${line}\n`);
  return process.exit(exitCode);
}

// What fails where nobody waits for it, too: a server that ends, a disk that is full.
process.on('uncaughtException', end);
