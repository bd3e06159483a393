/**
 * What may be asked: the parameters of each route. Unknown ones are refused, since nobody would hear of a misspelled one
 * otherwise.
 */
import * as z from 'zod';
import { parseDuration } from '../../../shared/job/parameters.ts';
import { eventTime } from '../../../shared/model/time.ts';
import { TAGS } from '../../userProfile/tagNames.ts';

export const ROWS_MAX = 1_000;
/** Of the longest key, or of its pseudonym. */
const ID_LENGTH_MAX = 2_752;
/** Of a row whose keys are as long as keys may be. */
const CURSOR_LENGTH_MAX = 8_192;
const LIMIT_MAX = 100;

/** How the document tells of a parameter that is text on its way, and checked as such. */
const as =
  (told: JsonSchema) =>
  ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
    delete jsonSchema['pattern'];
    Object.assign(jsonSchema, told);
  };
type JsonSchema = Record<string, unknown>;

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** With seconds, and `Z` or an offset. */
const moment = z.iso
  .datetime({ offset: true, error: 'give a time such as 2026-03-02T12:55:00Z' })
  .transform((text) => eventTime(Date.parse(text)))
  // Texts of such times, which tables are sorted by, go in their order: an offset may lead out of them.
  .refine((ms) => ms >= FIRST_MS && ms <= LAST_MS, 'give a time of the years 0000 to 9999 in UTC')
  .meta({ override: as({ type: 'string', format: 'date-time' }) });

const wholeNumber = (maximum: number) => {
  const remedy = `give a whole number from 1 to ${maximum}`;
  return z
    .string()
    .regex(/^[1-9]\d{0,8}$/, remedy)
    .transform(Number)
    .pipe(z.number().max(maximum, remedy))
    .meta({ override: as({ type: 'integer', minimum: 1, maximum }) });
};

const step = z
  .string()
  .regex(/^[1-9]\d{0,4}(s|min|h|d)$/, 'give a duration such as 5s, 1min or 1h')
  .transform((text) => parseDuration(text, 'step'));

const id = z
  .string()
  .min(1, 'give an id')
  .max(ID_LENGTH_MAX, `give an id of up to ${ID_LENGTH_MAX} characters`);
const cursor = z
  .string()
  .min(1, 'give a cursor as an answer gave it')
  .max(CURSOR_LENGTH_MAX, 'give a cursor as an answer gave it');
export const LIMIT_DEFAULT = 20;
const limit = wholeNumber(LIMIT_MAX).default(LIMIT_DEFAULT);

/** Windows by their ends, newest first: the latest ones, or those of a range. */
export const windowsQuery = z.strictObject({
  latest: wholeNumber(ROWS_MAX)
    .optional()
    .meta({ description: 'How many; one where neither this nor a range is given' }),
  at: moment.optional().meta({
    description: 'With `latest`: up to this window end, so that a screen can go back in time',
  }),
  from: moment.optional().meta({ description: 'The earliest window end of a range' }),
  to: moment.optional().meta({ description: 'Window ends of the range are before this' }),
  step: step.optional().meta({
    description:
      'Thins out windows that end every few seconds: 1min gives those that end at full minutes',
  }),
  cursor: cursor.optional().meta({
    description:
      'Of rows that one answer had no room for: the next of a range with more than 1,000',
  }),
});

export const overviewQuery = z.strictObject({
  at: moment.optional().meta({ description: 'As it was then: nothing that is newer is shown' }),
});

const date = z.iso.date({ error: 'give a day such as 2026-03-02' });

export const blacklistQuery = z.strictObject({
  day: date.optional().meta({ description: 'In the zone of the job; all days where it is absent' }),
  limit,
  cursor: cursor.optional(),
});

export const alertsQuery = z.strictObject({
  before: moment.optional().meta({ description: 'Only those before this' }),
  limit,
  cursor: cursor.optional(),
});

export const problemsQuery = z.strictObject({
  problem: z
    .string()
    .optional()
    .meta({ description: 'A status that is a problem; all of them where it is absent' }),
  from: moment.optional(),
  to: moment.optional().meta({ description: 'Only those before this' }),
  limit,
  cursor: cursor.optional(),
});

const DAYS_MAX = 31;
const DAYS_DEFAULT = 7;

export const userQuery = z.strictObject({
  days: wholeNumber(DAYS_MAX).default(DAYS_DEFAULT).meta({
    description: 'How many of the newest profiles, one for each day that there is one of',
  }),
});

const MEMBERS_DEFAULT = 100;

export const audienceQuery = z.strictObject({
  tag: z.enum(TAGS, { error: `give one of ${TAGS.join(', ')}` }),
  day: date
    .optional()
    .meta({ description: 'In the zone of the job; the newest one where it is absent' }),
  limit: wholeNumber(ROWS_MAX).default(MEMBERS_DEFAULT).meta({ description: 'How many user ids' }),
  cursor: cursor.optional(),
});

/** Of any table; which parameters it takes follows from what its rows are. */
export const tableQuery = z.strictObject({
  key: id.optional().meta({ description: 'A value of the partition key' }),
  ...windowsQuery.shape,
  ...problemsQuery.shape,
  limit: wholeNumber(LIMIT_MAX).optional(),
});

/** Of routes that take nothing. */
export const nothing = z.strictObject({});

export const idParam = id;

export type WindowsQuery = z.infer<typeof windowsQuery>;
export type AudienceQuery = z.infer<typeof audienceQuery>;
export type TableQuery = z.infer<typeof tableQuery>;
