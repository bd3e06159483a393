/** Writes protobuf's wire format, in longer forms than are needed where a test wants them. */

export interface Form {
  /** Of each varint, at least. */
  readonly bytes?: number;
}

const CONTINUES = 0x80n;

export function varint(value: number | bigint, { bytes: least = 1 }: Form = {}): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest % CONTINUES));
    rest /= CONTINUES;
  } while (rest > 0n || bytes.length < least);
  return Buffer.from(
    bytes.map((byte, i) => (i < bytes.length - 1 ? byte + Number(CONTINUES) : byte)),
  );
}

export const join = (parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

const tag = (field: number, wireType: number, form?: Form): Buffer =>
  varint(field * 8 + wireType, form);

/** A field with wire type 0. */
export const number = (field: number, value: number | bigint, form?: Form): Buffer =>
  join([tag(field, 0, form), varint(value, form)]);

/** A field of 4 or 8 bytes. */
export const fixed = (field: number, bytes: 4 | 8): Buffer =>
  join([tag(field, bytes === 8 ? 1 : 5), Buffer.alloc(bytes, 0xff)]);

/** A field with wire type 2. */
export const delimited = (field: number, content: Uint8Array, form?: Form): Buffer =>
  join([tag(field, 2, form), varint(content.length, form), content]);

export const group = (field: number, ...content: readonly Uint8Array[]): Buffer =>
  join([tag(field, 3), ...content, tag(field, 4)]);
