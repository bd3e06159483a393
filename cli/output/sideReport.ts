/** What a run says of its late events and dead letters: how many, where the first one stands, and all of them in files. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { shownName } from '../../inputs/files/bytes.ts';
import { isoTime } from '../../shared/model/time.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { CommandFailure, writeProblem } from '../failure.ts';
import type { Place, Places } from '../places.ts';
import { sideEventLine } from './sideEvents.ts';

type SideKind = StoredSideEvent['kind'];

/** The files that take the events of a kind. */
export type SideFiles = Readonly<Partial<Record<SideKind, SideFile>>>;

/** A file that is open from the start: a run is not to end with nowhere to write to. */
export class SideFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  #lines: string[] = [];

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** Throws CommandFailure where the file cannot be written, or must be new and is not. */
  static async create(file: string, as: 'new' | 'any' = 'any'): Promise<SideFile> {
    // A device or a pipe is there, and nobody writes over it.
    const mustBeNew = as === 'new' && (await fileIdentity(file)) !== undefined;
    const flags = mustBeNew ? 'wx' : 'w';
    return new SideFile(file, await open(file, flags).catch((error) => refuse(file, error)));
  }

  async write(line: string): Promise<void> {
    this.#lines.push(line);
    if (this.#lines.length >= LINES_HELD_MAX) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    await this.#handle.appendFile(text).catch((error) => refuse(this.#file, error));
  }
}

/** The same for all names of a file, there or not; undefined for a device or a pipe, which nobody writes over. */
export async function fileIdentity(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return resolve(file);
  return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

const LINES_HELD_MAX = 1_000;

function refuse(file: string, error: unknown): never {
  throw new CommandFailure(`cannot write ${file}: ${writeProblem(error as NodeJS.ErrnoException)}`);
}

export interface SideCounts {
  /** Dead letters of each file. */
  readonly dead: ReadonlyMap<string, number>;
  /** Where the first of a kind stands, in the order of the input, and why it is there. */
  readonly first: ReadonlyMap<SideKind, { readonly place: Place; readonly why: string }>;
}

/** Counts the events, and writes them to their files, each with the place that it had. */
export async function takeSideEvents(
  events: AsyncIterable<StoredSideEvent>,
  places: Places,
  files: SideFiles,
): Promise<SideCounts> {
  const dead = new Map<string, number>();
  const first = new Map<SideKind, { place: Place; why: string; position: string }>();
  for await (const event of events) {
    const { kind, position } = event;
    const place = places.of(position);
    if (kind === 'dead') dead.set(place.file, (dead.get(place.file) ?? 0) + 1);
    const before = first.get(kind);
    // Positions of a run are of one length, so their text orders them.
    if (!before || position < before.position) {
      first.set(kind, { place, why: whyOf(event), position });
    }
    await files[kind]?.write(sideEventLine(event, { file: place.file, line: place.line }));
  }
  return { dead, first };
}

export const whyOf = ({ reason, eventTime, watermark }: StoredSideEvent): string =>
  reason ??
  `its time ${eventTime === undefined ? '' : isoTime(eventTime)} is behind the watermark ${isoTime(watermark)}`;

export const shownPlace = ({ file, line }: Place): string => `${shownName(file)}:${line}`;
