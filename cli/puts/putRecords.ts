/**
 * The puts of files that were begun from this folder: each leaves a file, so that a later one knows what is on its stream, and by
 * which name. They tell people; what counts does not hang on them.
 *
 * They are in `.cache/puts`, or where TIDEMARK_PUTS says, which tests use. Of more than `KEPT_MAX` the oldest go. One that is broken
 * is left where it is, and named.
 */
import { createHash, hash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { say } from '../output/say.ts';

const putRecord = z.object({
  name: z.string(),
  stream: z.string(),
  /** Tells the stream from any other, also from one of the same name that was made anew. */
  origin: z.string(),
  /** With its whole path. */
  file: z.string(),
  digest: z.string(),
  /** What was left out in front. */
  fromLine: z.int().positive(),
  /** When it began. */
  at: z.iso.datetime(),
  isFinished: z.boolean(),
});
export type PutRecord = Readonly<z.output<typeof putRecord>>;

const KEPT_MAX = 200;
const UNFINISHED = '.new';

const putsFolder = (): string =>
  process.env['TIDEMARK_PUTS'] ?? fileURLToPath(new URL('../../.cache/puts', import.meta.url));

/** All that can be read, oldest first. */
export function readPuts(folder = putsFolder()): PutRecord[] {
  const records = filesIn(folder).flatMap((file) => {
    const record = recordIn(file);
    if (!record) say(`warning: ${file} is broken, and is not read; delete it`);
    return record ?? [];
  });
  return records.sort((a, b) => a.at.localeCompare(b.at));
}

/** In the place of what was noted of the same name and stream. Says where it cannot: the put goes on. */
export function notePut(record: PutRecord, folder = putsFolder()): void {
  try {
    mkdirSync(folder, { recursive: true });
    const file = fileOf(record, folder);
    // Whole or not at all: another put may look at any moment.
    writeFileSync(`${file}${UNFINISHED}`, JSON.stringify(record));
    renameSync(`${file}${UNFINISHED}`, file);
    forgetOldest(folder);
  } catch (error) {
    say(`warning: a later put will not know of this one: ${(error as Error).message}`);
  }
}

/** Nothing came of it. */
export const forgetPut = (record: PutRecord, folder = putsFolder()): void =>
  rmSync(fileOf(record, folder), { force: true });

const DIGITS = 16;
const fileOf = ({ name, origin }: PutRecord, folder: string): string =>
  join(folder, `${hash('sha256', `${name} ${origin}`, 'hex').slice(0, DIGITS)}.json`);

function filesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function recordIn(file: string): PutRecord | undefined {
  try {
    return putRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function forgetOldest(folder: string): void {
  const files = filesIn(folder);
  if (files.length <= KEPT_MAX) return;
  const aged = files.map((file) => [statSync(file).mtimeMs, file] as const);
  aged.sort(([a], [b]) => b - a);
  for (const [, file] of aged.slice(KEPT_MAX)) rmSync(file, { force: true });
}

/**
 * Of all the file's bytes: two exports may have one size, one beginning and one end. It takes a second per GB, and putting that
 * takes minutes.
 */
export async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file)) digest.update(chunk);
  return digest.digest('hex');
}
