/**
 * Where a page ended, as a text that means nothing to who gets it. What stands in it comes back from outside, so it is checked
 * like any input. It is packed, since keys may be long and an address may not; under a key it is sealed, since keys of rows may
 * be personal data.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type * as z from 'zod';
import { HttpProblem } from './httpProblem.ts';
import type { Seal } from './sealed.ts';

export interface Cursors {
  write(place: unknown): string;
  /** @throws HttpProblem 400 */
  read<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema>;
}

export function createCursors(seal: Seal = PLAIN): Cursors {
  return {
    write: (place) => seal.seal(deflateRawSync(JSON.stringify(place))),
    read(schema, cursor) {
      const result = schema.safeParse(placeIn(seal.open(cursor)));
      if (result.success) return result.data;
      throw new HttpProblem(
        400,
        'cursor is none of this list; give the `next` of an answer as it is, or leave it away to begin anew',
        'cursor',
      );
    },
  };
}

const PLAIN: Seal = {
  seal: (content) => Buffer.from(content).toString('base64url'),
  open: (sealed) => Buffer.from(sealed, 'base64url'),
};

/** Of a place with the longest keys, each character written as an escape of six. */
const PLACE_BYTES_MAX = 32 * 1024;

/** Undefined for what is none. */
function placeIn(packed: Uint8Array | undefined): unknown {
  try {
    if (packed === undefined) return undefined;
    return JSON.parse(inflateRawSync(packed, { maxOutputLength: PLACE_BYTES_MAX }).toString());
  } catch {
    return undefined;
  }
}
