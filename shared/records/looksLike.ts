/** What data that cannot be read look like, so that a dead letter says it: known by how they begin, not by a parse. */
import { isUtf8 } from 'node:buffer';

const BY_FIRST_BYTES: readonly (readonly [readonly number[], string])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0xff, 0x06, 0, 0, 0x73], 'snappy'],
  [[0x04, 0x22, 0x4d, 0x18], 'lz4'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58], 'xz'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x4f, 0x62, 0x6a, 0x01], 'an Avro file'],
  [[0xc3, 0x01], 'Avro'],
  [[0xf3, 0x89, 0x9a, 0xc2], 'an aggregated record'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];

/** A magic number of two bytes may be chance. */
const CERTAIN_LENGTH = 3;

/** Of bytes that are no UTF-8 text; undefined where they look like nothing known, or like lines of which some may be events. */
export function binaryLook(data: Buffer): string | undefined {
  const found = BY_FIRST_BYTES.find(([bytes]) => bytes.every((byte, i) => data[i] === byte));
  if (!found) return undefined;
  return found[0].length >= CERTAIN_LENGTH || !hasJsonLines(data) ? found[1] : undefined;
}

/** Whether a line behind the first begins like an event. */
export const hasJsonLines = (data: Buffer): boolean => data.includes('\n{');

/** Of text that is no JSON; undefined where it looks like nothing known. */
export function textLook(text: string): string | undefined {
  if (text.startsWith('<')) return 'XML';
  const isBase64 = text.startsWith('eyJ') || text.startsWith('H4sI');
  return isBase64 ? 'base64 of JSON or gzip, put as it is' : undefined;
}

/** Of what a compressed payload inflates to. */
export function contentLook(content: Buffer): string {
  if (!isUtf8(content)) return binaryLook(content) ?? 'bytes that are no text';
  if (content.includes('"messageType"') && content.includes('"logEvents"')) return LOG_ENVELOPE;
  return isJsonLike(content)
    ? 'JSON'
    : (textLook(content.toString('latin1', 0, 4)) ?? 'text that is no JSON');
}

export const LOG_ENVELOPE = 'a CloudWatch Logs envelope';

/** Whether something in it begins as events do. */
export const isJsonLike = (content: Buffer): boolean =>
  /^(?:\ufeff)?\s*[{[]/.test(content.toString('utf8', 0, BEGINNING)) || hasJsonLines(content);

/** Bytes in which a text begins. */
const BEGINNING = 256;
