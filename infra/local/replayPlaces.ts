/**
 * How much of each input is on its stream, so that a replay that was interrupted goes on about there. What it puts again is dropped by
 * the lanes, since it is put by the same name at the same offsets; so a place may lag behind what is stored, and never runs ahead.
 *
 * 1. The folder's own mark is on disk before anything is put: names are made of it and of the inputs' names.
 * 2. A place is noted once everything up to it is stored.
 */
import { hash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CommandFailure } from '../../cli/failure.ts';
import type { ProducerName } from '../../shared/records/stamp.ts';
import { jsonFile } from './jsonFile.ts';

const inputPlace = z.object({
  /** By which name its events are put. */
  producer: z.string(),
  /** So many of its first events are stored. */
  stored: z.int().min(0),
  /** Whether that is all of it. */
  isComplete: z.boolean(),
});

type InputPlace = Readonly<z.output<typeof inputPlace>>;

/** By the inputs' names. */
const replayFile = z.object({ folder: z.uuid(), inputs: z.record(z.string(), inputPlace) });
/** Of before producers had names: counts of events by input and shard. */
const formerFile = z.record(z.string(), z.record(z.string(), z.object({ events: z.int() })));

type ReplayFile = z.output<typeof replayFile>;
type FormerFile = z.output<typeof formerFile>;

const REMEDY =
  'nobody knows any more what of the input is on the streams; give another --data-dir, or delete it and have the input put again, which then counts again';
const FORMER =
  'is of an earlier version, which put events without a name, so that what is put again would count twice; give another --data-dir';

export interface ReplayPlace {
  readonly producer: ProducerName;
  /** So many of the input's first events are stored. */
  readonly stored: number;
  readonly isComplete: boolean;
  /** Everything up to the event of this offset is stored. */
  reach(offset: number): void;
  /** And there is no more. */
  complete(offset: number): void;
}

export type ReplayPlaces = (inputName: string) => ReplayPlace;

/** Throws CommandFailure where the file cannot be read or written. */
export function keptPlaces(path: string): ReplayPlaces {
  const schema = z.union([replayFile, formerFile]);
  const file = jsonFile<ReplayFile | FormerFile>(path, schema, REMEDY);
  const found = file.read() ?? { folder: randomUUID(), inputs: {} };
  const { data: content } = replayFile.safeParse(found);
  if (!content) throw new CommandFailure(`${path} ${FORMER}`);
  file.write(content);
  return (inputName) => {
    const begun = content.inputs[inputName] ?? firstPlace(content.folder, inputName);
    return new Place(begun, (place) => {
      content.inputs[inputName] = place;
      file.write(content);
    });
  };
}

/** For what nothing outlives: each replay puts everything, by a name of its own. */
export function fleetingPlaces(): ReplayPlaces {
  const folder = randomUUID();
  return (inputName) => new Place(firstPlace(folder, inputName), () => {});
}

const HASH_DIGITS = 16;

/** An input's name holds a path, and so signs that no producer's name may have. */
const firstPlace = (folder: string, inputName: string): InputPlace => ({
  producer: `replay:${folder}:${hash('sha256', inputName, 'hex').slice(0, HASH_DIGITS)}`,
  stored: 0,
  isComplete: false,
});

class Place implements ReplayPlace {
  #place: InputPlace;
  readonly #note: (place: InputPlace) => void;

  constructor(place: InputPlace, note: (place: InputPlace) => void) {
    this.#place = place;
    this.#note = note;
  }

  get producer(): ProducerName {
    return this.#place.producer;
  }

  get stored(): number {
    return this.#place.stored;
  }

  get isComplete(): boolean {
    return this.#place.isComplete;
  }

  reach(offset: number): void {
    if (offset > this.stored) this.#move({ ...this.#place, stored: offset });
  }

  complete(offset: number): void {
    this.#move({ ...this.#place, stored: offset, isComplete: true });
  }

  #move(place: InputPlace): void {
    this.#place = place;
    this.#note(place);
  }
}
