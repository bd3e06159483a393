/**
 * The file that the embedded Kinesis saves its streams in. The server writes over the old one every second, so an end in the
 * middle of it would leave neither the old streams nor the new ones. Here:
 *
 * 1. A save is written beside the file, and takes its place once it is whole.
 * 2. The save before it stays as `<file>.before`.
 * 3. Nothing is saved while nothing changes. A save takes as long as all that is on the streams is large.
 * 4. What is broken all the same, by a loss of power or a defect of the disk, is found before the server reads it, and the
 *    save before is taken.
 */
import { once } from 'node:events';
import {
  copyFileSync,
  type createWriteStream,
  existsSync,
  close as fsClose,
  open as fsOpen,
  write as fsWrite,
  writev as fsWritev,
  readFileSync,
  renameSync,
} from 'node:fs';
import type { access } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Timing } from './shardSource.ts';

/** How the server saves: the `fs` that it sees. Before each save it looks whether the folder is there. */
export interface FileOpener {
  createWriteStream: typeof createWriteStream;
  readonly promises: { access: typeof access };
}

export interface Saves {
  /** Something was taken, or is about to be. */
  changed(): void;
  /** Resolves when everything taken so far is saved, when it cannot be, or after its time. */
  settle(timing: Timing): Promise<void>;
}

/** A save takes its time where the processor is shared. */
const SAVE_WAIT_MS_MAX = 60_000;
/** The first save that ends after a change may hold a snapshot from before it. */
const SAVES_AFTER_CHANGE = 2;

/** From now on saves are whole. `onFailure` hears why one could not be made. */
export function saveWhole(
  opener: FileOpener,
  file: string,
  onFailure: (error: Error) => void,
): Saves {
  const { createWriteStream: create } = opener;
  let unsaved = 0;
  let changes = new AbortController();
  const settling = new Set<AbortController>();
  const endSettling = () => {
    for (const each of settling) each.abort();
  };
  const changed = () => {
    unsaved = SAVES_AFTER_CHANGE;
    changes.abort();
    changes = new AbortController();
  };
  const onEnd = (error: Error | undefined) => {
    unsaved -= 1;
    if (error || unsaved <= 0) endSettling();
    if (error) onFailure(error);
  };
  opener.createWriteStream = (path, options) =>
    resolve(String(path)) === resolve(file)
      ? create(`${file}.next`, {
          ...(typeof options === 'object' ? options : {}),
          fs: callsThatSave(file, onEnd),
        })
      : create(path, options);
  const { access: look } = opener.promises;
  opener.promises.access = async (path, mode) => {
    if (resolve(String(path)) === dirname(resolve(file)) && unsaved <= 0) {
      await once(changes.signal, 'abort');
    }
    return look(path, mode);
  };
  return {
    changed,
    settle(timing) {
      const settled = new AbortController();
      settling.add(settled);
      changed();
      return timing.sleep(SAVE_WAIT_MS_MAX, settled.signal);
    },
  };
}

type Callback = (error: Error | null, ...results: never[]) => void;

/**
 * What one stream calls. Its end is known by the calls: the server takes all listeners off a stream that it has opened.
 */
function callsThatSave(file: string, onEnd: (error: Error | undefined) => void) {
  let failure: Error | undefined;
  const noting =
    (call: (...parameters: never[]) => void) =>
    (...parameters: unknown[]): void => {
      const callback = parameters.pop() as Callback;
      const noted: Callback = (error, ...results) => {
        if (error && !failure) {
          failure = error;
          onEnd(error);
        }
        callback(error, ...results);
      };
      Reflect.apply(call, undefined, [...parameters, noted]);
    };
  return {
    open: noting(fsOpen) as typeof fsOpen,
    write: noting(fsWrite) as typeof fsWrite,
    writev: noting(fsWritev) as typeof fsWritev,
    close(descriptor: number, callback: Callback) {
      fsClose(descriptor, (error) => {
        if (!failure) onEnd(error ?? takePlace(file));
        callback(error ?? null);
      });
    },
  } as never;
}

/** A kill between the two leaves no file, but the save before it. */
function takePlace(file: string): Error | undefined {
  try {
    if (existsSync(file)) renameSync(file, `${file}.before`);
    renameSync(`${file}.next`, file);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/**
 * Makes sure that the file, if there is one, is whole.
 * @returns what was lost, in a sentence; undefined where nothing was. Throws what to do where it cannot be mended.
 */
export function mendSaved(file: string): string | undefined {
  const before = `${file}.before`;
  const isThere = existsSync(file);
  if (isThere ? isWhole(file) : !existsSync(before)) return undefined;
  if (!isWhole(before)) {
    throw new Error(
      `${file} is broken, and there is no whole copy of it; its streams are lost: give another --data-dir, or delete ${dirname(dirname(file))}`,
    );
  }
  copyFileSync(before, file);
  return isThere
    ? `${file} is broken; the streams go on from the save before it, ${basename(before)}, a second older`
    : undefined;
}

function isWhole(file: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null;
  } catch (error) {
    // More than a string can hold is a file that nobody can look into; the server reads it in pieces.
    return (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG';
  }
}
