/** A file, or what comes through a pipe, as chunks of text in UTF-8, unpacked and in constant memory. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../usageError.ts';
import { HEAD_BYTES, kindOf, type Packing } from './fileKind.ts';
import { unzstd } from './unzstd.ts';

/** How standard input is named. */
export const STDIN = '-';

/** How a file is named to people. */
export const shownName = (file: string): string => (file === STDIN ? 'standard input' : file);

export type Whence = 'files' | 'filesAndPipes';

/** Throws UsageError where the file cannot be read, holds nothing, or is of a kind that is not taken. */
export async function checkFile(file: string, whence: Whence): Promise<'file' | 'pipe'> {
  if (file === STDIN && whence === 'filesAndPipes') return 'pipe';
  const refused = (error: unknown): never => {
    throw new UsageError(`cannot read ${file}: ${readProblem(error)}`);
  };
  // Not opened to look at it: whoever writes to a pipe would find its reader gone.
  const found = await stat(file).catch(refused);
  if (found.isDirectory()) throw new UsageError(`cannot read ${file}: it is a folder`);
  if (!found.isFile()) {
    if (whence === 'filesAndPipes') return 'pipe';
    throw new UsageError(`cannot read ${file}: it is no file`);
  }
  const handle = await open(file).catch(refused);
  try {
    const head = await headOf(handle);
    if (head.length === 0) throw new UsageError(`${file} is empty`);
    packingOf(head, file);
    return 'file';
  } finally {
    await handle.close();
  }
}

async function headOf(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

function packingOf(head: Buffer, file: string): Packing {
  const kind = kindOf(head);
  if ('packing' in kind) return kind.packing;
  throw new UsageError(`cannot read ${shownName(file)}: ${kind.refusal}`);
}

/** Throws UsageError where the file cannot be read to its end, or is of a kind that is not taken. */
export async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const raw = file === STDIN ? process.stdin : createReadStream(file);
  try {
    yield* unpacked(raw, file, 0);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${shownName(file)}: ${readProblem(error)}`);
  } finally {
    raw.destroy();
  }
}

/** What is packed and packed again is more likely an attack than a file. */
const PACKINGS_MAX = 2;

async function* unpacked(
  source: AsyncIterable<Buffer>,
  file: string,
  depth: number,
): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(source);
  const packing = packingOf(head, file);
  if (packing === 'plain') yield* rest;
  else if (packing === 'gzip' || packing === 'zstd') {
    if (depth === PACKINGS_MAX) {
      throw new UsageError(`cannot read ${shownName(file)}: it is packed more than twice`);
    }
    yield* unpacked(packing === 'gzip' ? gunzip(rest) : unzstd(rest), file, depth + 1);
  } else yield* decoded(rest, packing);
}

/** The error reaches the reader of the last stream; the callback only keeps it from being thrown as well. */
const gunzip = (source: AsyncIterable<Buffer>): AsyncIterable<Buffer> =>
  pipeline(source, createGunzip(), () => {}) as Readable;

/** The first bytes, and all of them with the first. */
async function peek(
  source: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first.splice(0);
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), rest: all() };
}

async function* decoded(
  source: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  Z_BUF_ERROR: 'unexpected end of file: it is cut short',
};

/** Why something could not be read, in words. */
export function readProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
