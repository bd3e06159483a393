/** Compressed payloads: which data are one, and what they inflate to, within the limits of `forms.ts`. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { INFLATED_ALLOWANCE, INFLATED_MAX, INFLATED_RATIO_MAX } from './forms.ts';

export type Compression = 'gzip' | 'zlib';

const ZLIB_WINDOW_32K = 0x78;
const ZLIB_DICTIONARY = 0x20;

/** What the first two bytes say. No JSON begins like this. */
export function compressionOf(data: Uint8Array): Compression | undefined {
  const first = data[0] ?? 0;
  const second = data[1] ?? 0;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  const isZlib = first === ZLIB_WINDOW_32K && ((first << 8) | second) % 31 === 0;
  return isZlib && (second & ZLIB_DICTIONARY) === 0 ? 'zlib' : undefined;
}

export const inflatedMax = (length: number): number =>
  Math.min(INFLATED_MAX, INFLATED_ALLOWANCE + INFLATED_RATIO_MAX * length);

/** The content, of gzip all its members'; or what is wrong, as it goes on after the format's name. */
export function inflate(
  compression: Compression,
  data: Uint8Array,
): { readonly content: Buffer } | { readonly problem: string } {
  const maxOutputLength = inflatedMax(data.length);
  try {
    const options = { maxOutputLength, info: true };
    const result: unknown = (compression === 'gzip' ? gunzipSync : inflateSync)(data, options);
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    const isWhole = data.subarray(engine.bytesWritten).every((byte) => byte === 0);
    return isWhole ? { content: buffer } : { problem: 'with other bytes behind its end' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return { problem: `that inflates to more than ${maxOutputLength} bytes` };
    }
    return { problem: code === 'Z_BUF_ERROR' ? 'that is cut short' : 'that is damaged' };
  }
}
