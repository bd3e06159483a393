/** Numbers, times and durations as the language and the zone of the viewer have them. */
import { printable } from '../../shared/model/printable.ts';
import { SHOP_ZONE } from '../state/preferences.ts';

export interface Formats {
  readonly number: (value: number) => string;
  /** At most four signs or so, for axes. */
  readonly short: (value: number) => string;
  readonly percent: (share: number) => string;
  /** Of few among many: two decimals below a hundredth, one above. */
  readonly rate: (share: number) => string;
  /** With its sign; as so many times what it was where it has grown much. */
  readonly change: (share: number) => string;
  /** Hours and minutes; seconds where there are any; the day where it is another one than that of `beside`. */
  readonly time: (iso: string | number, beside?: string) => string;
  readonly moment: (iso: string | number) => string;
  readonly window: (row: WindowTimes, beside?: string) => string;
  /** The shop's day, whatever the zone of the viewer. */
  readonly day: (iso: string) => string;
  readonly duration: (ms: number) => string;
  readonly zone: string;
}

interface WindowTimes {
  readonly windowStart: string;
  readonly windowEnd: string;
}

const DAY_MS = 86_400_000;
const UNITS = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;
const TWO = '2-digit';
/** What has grown so much is so many times what it was; nobody reads 12,345 % as that. */
const TIMES_FROM = 10;
const RATE_SMALL = 0.01;
/** From here on a second unit is not worth its place. */
const SECOND_UNIT_BELOW = 10;

/** `zone` undefined: the viewer's. */
export function formatsOf(locale: string, zone: string | undefined): Formats {
  const base = { timeZone: zone, hourCycle: 'h23' } as const;
  const clock = new Intl.DateTimeFormat(locale, { ...base, hour: TWO, minute: TWO });
  const exact = new Intl.DateTimeFormat(locale, { ...base, hour: TWO, minute: TWO, second: TWO });
  const day = new Intl.DateTimeFormat(locale, { ...base, day: 'numeric', month: 'short' });
  const full = new Intl.DateTimeFormat(locale, {
    ...base,
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  const shopDay = new Intl.DateTimeFormat(locale, {
    ...{ timeZone: SHOP_ZONE, weekday: 'short', day: 'numeric', month: 'short' },
  });
  const plain = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, {
    notation: 'compact',
    maximumSignificantDigits: 3,
  });
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const small = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
  const signed = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });

  const time = (iso: string | number, beside?: string): string => {
    const date = new Date(iso);
    // A row of a table of one's own may hold anything.
    if (Number.isNaN(date.getTime())) return printable(String(iso));
    const text = (date.getTime() % 60_000 === 0 ? clock : exact).format(date);
    const isOtherDay = beside !== undefined && day.format(date) !== day.format(new Date(beside));
    return isOtherDay ? `${day.format(date)}, ${text}` : text;
  };

  return {
    number: (value) => plain.format(value),
    short: (value) => compact.format(value),
    percent: (value) => share.format(value),
    rate: (value) => (value < RATE_SMALL ? small : share).format(value),
    change: (value) =>
      value < TIMES_FROM ? signed.format(value) : `×${compact.format(value + 1)}`,
    time,
    moment: (iso) => full.format(new Date(iso)),
    window: ({ windowStart, windowEnd }, beside) => {
      const isOfDays = Date.parse(windowEnd) - Date.parse(windowStart) >= DAY_MS;
      return `${time(windowStart, beside)}–${time(windowEnd, isOfDays ? windowStart : undefined)}`;
    },
    day: (iso) => shopDay.format(new Date(iso)),
    duration: (ms) => durationText(locale, ms),
    zone: zoneText(locale, zone),
  };
}

/** Its two largest units: 3 min 12 s, 2 days. */
function durationText(locale: string, ms: number): string {
  const length = Math.abs(ms);
  const first = UNITS.findIndex(([, size]) => length >= size);
  if (first < 0) return unitText(locale, 'second', 0);
  const [unit, size] = UNITS[first] as (typeof UNITS)[number];
  const count = Math.floor(length / size);
  const [nextUnit, nextSize] = UNITS[first + 1] ?? [];
  const rest = nextSize === undefined ? 0 : Math.floor((length % size) / nextSize);
  const text = unitText(locale, unit, count);
  if (nextUnit === undefined || rest === 0 || count >= SECOND_UNIT_BELOW) return text;
  return `${text} ${unitText(locale, nextUnit, rest)}`;
}

function unitText(locale: string, unit: string, value: number): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(
    value,
  );
}

function zoneText(locale: string, zone: string | undefined): string {
  const parts = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    timeZoneName: 'shortOffset',
  }).formatToParts(new Date());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
