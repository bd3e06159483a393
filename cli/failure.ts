/** From an error to the one line on standard error, and the exit code. */
import { CommanderError } from 'commander';
import { UsageError } from '../inputs/usageError.ts';
import { JobDefinitionError, messageOf } from '../shared/errors.ts';
import { withPlace } from '../shared/model/throwPlace.ts';
import { printable } from './output/printable.ts';

/** Something failed that is not the user's doing; the message says what, in one line. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
}

/** The input is, for the most part, none of its stream: results stand, and mean little. */
export class MostlyDead extends Error {
  override name = 'MostlyDead';
}

/** Ctrl-C, or what else ends a process, came first; the message says how far it came. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A job needs somebody. What it is has been said where results are. */
export class NeedsAttention extends Error {
  override name = 'NeedsAttention';
}

const EXIT_CODES = { failure: 1, wrongUse: 2, mostlyDead: 3, needsAttention: 4 } as const;

/** As shells have it for Ctrl-C. */
export const INTERRUPTED = 130;

export const EXIT_CODES_HELP =
  '\nExit codes: 0 done, 1 failed, 2 wrong use, 3 more than a tenth of an input (or all of it) are dead letters,\n' +
  '4 the status of a job needs attention, 130 a put was interrupted.';

export interface Ending {
  readonly exitCode: number;
  /** Absent where nothing went wrong, or all is said. */
  readonly line?: string;
}

export function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { exitCode: 0 };
    return { exitCode: EXIT_CODES.wrongUse, line: printable(wrongCall(error)) };
  }
  if (error instanceof NeedsAttention) return { exitCode: EXIT_CODES.needsAttention };
  return { exitCode: exitCodeOf(error), line: oneLine(lineOf(error)) };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof MostlyDead) return EXIT_CODES.mostlyDead;
  if (error instanceof Interrupted) return INTERRUPTED;
  const isWrongUse = error instanceof UsageError || error instanceof JobDefinitionError;
  return isWrongUse ? EXIT_CODES.wrongUse : EXIT_CODES.failure;
}

/** What commander says, and where it says nothing of the remedy, where that is. */
function wrongCall({ code, message }: CommanderError): string {
  const line = message.replace(/^error: /, '').replace(/\.$/, '');
  if (code === 'commander.invalidArgument') return line;
  return `${line}; see ${code === 'commander.unknownCommand' ? 'tidemark --help' : '--help of the command'}`;
}

function lineOf(error: unknown): string {
  const refused = findCause(error, (each) => codeOf(each) === 'ECONNREFUSED');
  if (refused) {
    const { address, port } = refused as { address?: string; port?: number };
    return `nothing answers at ${address}:${port}; start the local stack with npm start, or name another server in AWS_ENDPOINT_URL`;
  }
  const missing = findCause(error, (each) => each.name === 'ResourceNotFoundException');
  if (missing) return `${messageOf(error)}; is the stage right, and is it deployed in this region?`;
  const unlisted = findCause(error, (each) =>
    /does not have the specified index/.test(each.message),
  );
  if (unlisted) {
    return `${messageOf(error)}; deploy again, or start the local stack with a new data folder: the table is older than its index`;
  }
  const nobody = findCause(error, (each) => each.name === 'CredentialsProviderError');
  if (nobody) {
    return `${messageOf(error)}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  const nowhere = findCause(error, (each) => each.message === 'Region is missing');
  if (nowhere) {
    return `${messageOf(error)}; set AWS_REGION, or an AWS_PROFILE that has one; for a local stack of this machine, leave --stage away`;
  }
  // A declaration that is refused says itself what is wrong; of what a job's code throws, the place may tell most.
  return error instanceof JobDefinitionError ? error.message : withPlace(messageOf(error), error);
}

/** Why something could not be written, in words. */
export function writeProblem({ code, message }: NodeJS.ErrnoException): string {
  return WRITE_PROBLEMS[code ?? ''] ?? oneLine(message);
}

const WRITE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EACCES: 'permission denied',
  ENOENT: 'there is no such folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already; give another name',
};

const oneLine = (text: string): string => printable(text.replaceAll(/\s*\n\s*/g, ' '));

const codeOf = (error: Error): unknown => Reflect.get(error, 'code');

/** The first error of its kind among the error, what caused it, and what it bundles. */
function findCause(error: unknown, isIt: (error: Error) => boolean): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isIt(error)) return error;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  for (const each of inner) {
    const found = findCause(each, isIt);
    if (found) return found;
  }
  return undefined;
}
