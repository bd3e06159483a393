/** What all answers are made of: times, ids, windows, pages of rows. */
import * as z from 'zod';

/** As rows hold them: ISO 8601, UTC, with milliseconds. */
export const time = z
  .string()
  .regex(/^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ id: 'Time', description: 'UTC with milliseconds', example: '2026-03-02T12:55:00.000Z' });

export const count = z.int().min(0);

/** A part of something, of four decimals. */
export const share = z.number().min(0).max(1);

/** What the engine says of a window, on each of its rows. */
export const windowAttributes = {
  windowStart: time,
  windowEnd: time,
  revision: count.meta({ description: 'How often the content of the row has changed' }),
  final: z.boolean().meta({
    description: 'Whether the window takes no more events; a row that is not final is provisional',
  }),
};

export const ranking = z
  .array(z.strictObject({ rank: z.int().min(1), id: z.string(), count }))
  .meta({ id: 'Ranking' });

/** Rows, the newest first. */
export const pageOf = <Row extends z.ZodType>(row: Row, id: string) =>
  z
    .strictObject({
      rows: z.array(row),
      next: z
        .string()
        .optional()
        .meta({ description: 'The cursor of the rows after these; absent behind the last ones' }),
    })
    .meta({ id });

/** Any row of any table: what the job's declaration writes. */
export const anyRow = z
  .record(z.string(), z.unknown())
  .meta({ id: 'Row', description: 'A row of a result table, without what the engine keeps on it' });
