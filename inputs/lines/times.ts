/** Times in files: how they are written, and what they look like. */

/** Of times in files that are not JSON: since 1970 in seconds, milliseconds or microseconds, or as ISO 8601 writes them. */
export type TimeUnit = 's' | 'ms' | 'us' | 'iso';
export const TIME_UNITS = ['s', 'ms', 'us', 'iso'] as const;

const WHOLE = {
  s: 'a whole number of epoch seconds',
  ms: 'a whole number of epoch milliseconds',
  us: 'a whole number of epoch microseconds',
  iso: 'a time that exists, written 2017-11-26T01:00:00Z',
} as const satisfies Record<TimeUnit, string>;

/** What a time in this unit must be. */
export const timeRemedy = (unit: TimeUnit): string => `must be ${WHOLE[unit]}`;

const EPOCH = /^-?\d{1,15}$/;
const EPOCH_MICROSECONDS = /^-?\d{1,18}$/;

/** Epoch milliseconds; what is finer is cut off. Undefined where the text is no time in this unit. */
export function readTime(text: string, unit: TimeUnit): number | undefined {
  if (unit === 'iso') return isoTimeIn(text);
  if (!(unit === 'us' ? EPOCH_MICROSECONDS : EPOCH).test(text)) return undefined;
  const number = Number.parseInt(text, 10);
  const value = unit === 's' ? number * 1_000 : unit === 'ms' ? number : Math.floor(number / 1_000);
  // Plus 0, since JSON has no negative one.
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

/** The zone is UTC where none is given, whatever the machine's. */
const ISO =
  /^(\d{4}-\d{2}-(\d{2}))[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))? ?(Z|[+-]\d{2}(?::?\d{2})?|UTC)?$/i;

function isoTimeIn(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, date = '', day = '', clock = '', fraction = '', zone = 'Z'] = match;
  const at = Date.parse(`${date}T${clock}${zoneOf(zone)}`);
  if (Number.isNaN(at) || !isDay(date, day)) return undefined;
  return at + Number.parseInt(fraction.padEnd(3, '0').slice(0, 3), 10);
}

function zoneOf(zone: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}

/** The 31st of a shorter month would be read as a day of the next one. */
export const isDay = (date: string, day: string): boolean =>
  new Date(`${date}T00:00:00Z`).getUTCDate() === Number(day);

/** Times that events of our days have: of any other time, nothing can be guessed. */
const GUESSED = { from: Date.parse('2000-01-01'), to: Date.parse('2100-01-01') };

/** The unit in which the text is a time of our days, if there is one. */
export const looksLike = (text: string): TimeUnit | undefined =>
  TIME_UNITS.find((unit) => {
    const at = readTime(text, unit);
    return at !== undefined && at >= GUESSED.from && at < GUESSED.to;
  });

export const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  iso: 'ISO 8601',
};
