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
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))? ?(Z|[+-]\d{2}(?::?\d{2})?|UTC)?$/i;

function isoTimeIn(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, date = '', clock = '', fraction = '', zone = 'Z'] = match;
  const at = existingTime(date, clock, zoneOf(zone));
  return at === undefined
    ? undefined
    : at + Number.parseInt(fraction.padEnd(3, '0').slice(0, 3), 10);
}

function zoneOf(zone: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}

const DAY_DIGITS = 2;
const NO_HOUR = '24';

/**
 * Epoch milliseconds of `2017-11-26`, `01:00` or finer, and `Z` or `+08:00`; undefined where there is no such time. JavaScript
 * takes more: the 31st of a shorter month for a day of the next one, and 24:00 for the beginning of the next day.
 */
export function existingTime(date: string, clock: string, zone: string): number | undefined {
  const isDay = new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(-DAY_DIGITS));
  const at = Date.parse(`${date}T${clock}${zone}`);
  return isDay && !clock.startsWith(NO_HOUR) && !Number.isNaN(at) ? at : undefined;
}

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
