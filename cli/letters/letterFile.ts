/**
 * Dead letters in a file, to be edited and put back: JSON lines that name a letter each, with its event. An event that is JSON as
 * JSON.stringify writes it stands there as such, and may be edited in place; any other as text, or as base64 where it is no text.
 */
import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { readProblem } from '../../inputs/files/bytes.ts';
import { UsageError } from '../../inputs/usageError.ts';
import type { JobId } from '../../shared/model/lane.ts';
import type { DeadLetter } from '../../shared/state/deadLetters.ts';
import { originName } from '../../shared/state/lane/admissions.ts';
import { sideEventLine } from '../output/sideEvents.ts';

/** All of it is held in memory, so that nothing is put before all of it can be read. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** As it is: a schema of its attributes would copy it, and lose one that is called `__proto__`. */
const anyObject = z.custom<object>((value) => typeof value === 'object' && value !== null);

const letterSchema = z
  .object({
    job: z.string(),
    lane: z.string(),
    position: z.string(),
    event: z.union([z.string(), anyObject]).optional(),
    eventBase64: z.base64().optional(),
  })
  .refine(({ event, eventBase64 }) => (event === undefined) !== (eventBase64 === undefined));

/** A letter of the file. */
export interface FiledLetter {
  /** In the file, from 1 on. */
  readonly line: number;
  readonly payload: Uint8Array;
}

export function letterLine(job: JobId, letter: DeadLetter): string {
  const line = sideEventLine(letter, { job });
  const event = plainJson(letter.raw);
  return event === undefined ? line : JSON.stringify({ ...JSON.parse(line), event });
}

/** The object or list that the bytes are, exactly as JSON.stringify would write it. */
function plainJson(raw: Uint8Array): object | undefined {
  if (!isUtf8(raw)) return undefined;
  const text = Buffer.from(raw).toString();
  try {
    const value: unknown = JSON.parse(text);
    const isPlain = typeof value === 'object' && value !== null && JSON.stringify(value) === text;
    return isPlain ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The letters of a file, by their origins' names. Throws UsageError, with file and line, where one cannot be read, is not of the
 * job, or comes twice.
 */
export async function readLetterFile(
  file: string,
  job: JobId,
): Promise<ReadonlyMap<string, FiledLetter>> {
  const letters = new Map<string, FiledLetter>();
  for (const [at, raw] of (await contentOf(file)).split('\n').entries()) {
    // A byte order mark stands wherever files were put one behind the other.
    const text = raw.replace(/^\uFEFF/, '').trim();
    if (text === '') continue;
    const line = at + 1;
    const { name, payload } = letterOf(text, job, `${file}:${line}`);
    const before = letters.get(name);
    if (before) {
      throw new UsageError(`${file}:${line} is the letter of line ${before.line} once more`);
    }
    letters.set(name, { line, payload });
  }
  if (letters.size === 0) throw new UsageError(`${file} holds no dead letter`);
  return letters;
}

async function contentOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > FILE_BYTES_MAX) {
      throw new UsageError(
        `${file} has ${size} bytes, and at most ${FILE_BYTES_MAX} can be read: split it, or redrive by --reason`,
      );
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${file}: ${readProblem(error)}`);
  }
}

function letterOf(text: string, job: JobId, place: string): { name: string; payload: Uint8Array } {
  const { data } = letterSchema.safeParse(jsonOf(text));
  if (!data) {
    throw new UsageError(
      `${place} is no dead letter; write lines as dead --export writes them: job, lane, position, and event or eventBase64`,
    );
  }
  if (data.job !== job)
    throw new UsageError(`${place} is a dead letter of ${data.job}, not of ${job}`);
  const { event, eventBase64 } = data;
  const payload =
    eventBase64 === undefined
      ? Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))
      : Buffer.from(eventBase64, 'base64');
  return { name: originName(data), payload };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
