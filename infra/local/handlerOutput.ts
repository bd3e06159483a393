/**
 * Keeps what handlers print off the screen. They run in this process, so what is written to standard output
 * or error while one of them works, and by whatever it started, goes to a file instead.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createWriteStream } from 'node:fs';
import { writeFailure } from './writeFailure.ts';

export interface HandlerOutput {
  readonly file: string;
  /** Runs work whose output belongs in the file. */
  within<T>(work: () => Promise<T>): Promise<T>;
  log(line: string): void;
  /** Gives the streams back. */
  close(): Promise<void>;
}

export function handlerOutput(file: string): HandlerOutput {
  const log = createWriteStream(file, { flags: 'a' });
  // Nobody waits for what is printed: a disk that is full ends the process, which says so.
  log.on('error', (error) => {
    throw writeFailure(file, error);
  });
  const within = new AsyncLocalStorage<true>();
  const giveBack = [process.stdout, process.stderr].map((stream) => {
    const { write } = stream;
    const redirecting = (...parameters: Parameters<typeof write>): boolean =>
      within.getStore() === true
        ? Reflect.apply(log.write, log, parameters)
        : Reflect.apply(write, stream, parameters);
    stream.write = redirecting as typeof write;
    return () => {
      stream.write = write;
    };
  });
  return {
    file,
    within: (work) => within.run(true, work),
    log: (line) => void log.write(`${line}\n`),
    async close() {
      for (const restore of giveBack) restore();
      await new Promise<void>((resolve) => log.end(() => resolve()));
    },
  };
}
