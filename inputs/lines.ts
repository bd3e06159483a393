/** A file's lines as bytes, unpacked where it is gzipped, in constant memory. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SINK_LIMITS } from '../shared/ports/recordSink.ts';
import { UsageError } from './usageError.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const GZIP_MAGIC = Buffer.of(0x1f, 0x8b);
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** Throws UsageError where the file cannot be read or holds nothing. */
export async function checkFile(file: string): Promise<'plain' | 'gzip'> {
  const handle = await open(file).catch((error: unknown) => {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  });
  try {
    if (!(await handle.stat()).isFile()) throw new UsageError(`cannot read ${file}: it is no file`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    if (bytesRead === 0) throw new UsageError(`${file} is empty`);
    return buffer.equals(GZIP_MAGIC) ? 'gzip' : 'plain';
  } finally {
    await handle.close();
  }
}

/**
 * The lines without their ends. Throws UsageError where the file cannot be read to its end, or where a line
 * is longer than any record can be.
 */
export async function* readLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restLength = 0;
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      yield withoutReturn(restLength > 0 ? Buffer.concat([...rest, piece]) : piece);
      rest = [];
      restLength = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    restLength += chunk.length - start;
    if (restLength > SINK_LIMITS.recordBytesMax) {
      throw new UsageError(`${file} has a line longer than 1 MiB, which no record can hold`);
    }
  }
  if (restLength > 0) yield withoutReturn(Buffer.concat(rest));
}

const withoutReturn = (line: Buffer): Buffer =>
  line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const packing = await checkFile(file);
  const raw = createReadStream(file);
  // The error reaches the reader of the last stream; the callback only keeps it from being thrown as well.
  const bytes = packing === 'gzip' ? pipeline(raw, createGunzip(), () => {}) : raw;
  let isFirst = true;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const hasMark = isFirst && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
      isFirst = false;
      yield hasMark ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
    }
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
