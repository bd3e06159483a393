/** A file that cannot be written, in a line that says what to do. */
import { CommandFailure } from '../../cli/failure.ts';

/** No space, no quota, and a file that is larger than the process may write. */
const FULL = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG']);

export function writeFailure(file: string, error: Error): CommandFailure {
  return new CommandFailure(writeFailureLine(file, error), { cause: error });
}

export function writeFailureLine(file: string, error: Error): string {
  return isDiskFull(error)
    ? `the disk is full: ${file} cannot be written; make room and start again, it goes on where it was`
    : `${file} cannot be written: ${error.message}`;
}

/** A database tells the system's words only. */
export const isDiskFull = (error: Error): boolean =>
  FULL.has(Reflect.get(error, 'code')) ||
  /no space left|quota exceeded|file too large/i.test(error.message);
