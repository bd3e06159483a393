/**
 * Zstandard, of any number of frames: node's own stream ends with the first of them, and says nothing of what follows. So each
 * frame gets a stream of its own; where a frame ends, the headers of its blocks say (RFC 8878, section 3.1).
 */
import { pipeline, type Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';

const MAGIC = 0xfd2fb528;
/** Of a frame that holds no text, in 16 values. */
const SKIPPABLE = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** A block of one byte, repeated. */
const REPEATED = 1;

export async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = new Bytes(source);
  while (await bytes.has(1)) {
    // The error reaches the reader of the last stream; the callback only keeps it from being thrown as well.
    yield* pipeline(frame(bytes), createZstdDecompress(), () => {}) as Readable;
  }
}

/** The next frame. What is cut short ends early, and what is none goes on as it is: the stream behind it says so. */
async function* frame(bytes: Bytes): AsyncGenerator<Buffer> {
  const magic = (await bytes.peek(MAGIC_BYTES))?.readUInt32LE();
  if (magic !== undefined && (magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
    const size = (await bytes.peek(2 * MAGIC_BYTES))?.readUInt32LE(MAGIC_BYTES) ?? 0;
    yield* bytes.take(2 * MAGIC_BYTES + size);
    return;
  }
  const descriptor = (await bytes.peek(MAGIC_BYTES + 1))?.[MAGIC_BYTES];
  if (magic !== MAGIC || descriptor === undefined) {
    yield* bytes.take(Number.POSITIVE_INFINITY);
    return;
  }
  yield* bytes.take(MAGIC_BYTES + headerBytes(descriptor));
  let isLast = false;
  while (!isLast) {
    const header = (await bytes.peek(BLOCK_HEADER_BYTES))?.readUIntLE(0, BLOCK_HEADER_BYTES);
    if (header === undefined) return;
    isLast = (header & 1) === 1;
    const size = ((header >> 1) & 3) === REPEATED ? 1 : header >> 3;
    yield* bytes.take(BLOCK_HEADER_BYTES + size);
  }
  if ((descriptor & 4) !== 0) yield* bytes.take(CHECKSUM_BYTES);
}

/** The descriptor, the window's size, the dictionary's name and the content's size. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return 1 + (isSingle ? 0 : 1) + dictionary + content;
}

/** Chunks, to be taken by number of bytes. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async has(count: number): Promise<boolean> {
    while (this.#held.length < count) {
      const { value, done } = await this.#source.next();
      if (done) return false;
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    }
    return true;
  }

  /** Undefined where there are not so many. */
  async peek(count: number): Promise<Buffer | undefined> {
    return (await this.has(count)) ? this.#held.subarray(0, count) : undefined;
  }

  /** So many of them, or all that there are. */
  async *take(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0 && (await this.has(1))) {
      const part = this.#held.subarray(0, Math.min(left, this.#held.length));
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
