/**
 * Where a page ended, as a text that means nothing to who gets it. What stands in it comes back from outside, so it is checked like any input; under a key it is sealed, since
 * keys of rows may be personal data.
 */
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
    write: (place) => seal.seal(JSON.stringify(place)),
    read(schema, cursor) {
      const result = schema.safeParse(jsonIn(seal.open(cursor)));
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
  seal: (text) => Buffer.from(text).toString('base64url'),
  open: (sealed) => Buffer.from(sealed, 'base64url').toString('utf8'),
};

function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
