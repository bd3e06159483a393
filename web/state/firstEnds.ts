/** When the first window of a kind ends, of a stage that has none of it yet; and the days that the shop has. */
import { SHOP_ZONE } from './preferences.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** All year: no clocks are set there. */
const SHOP_OFFSET = '+08:00';

const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: SHOP_ZONE });

/** As the API has it: 2017-11-26. */
const dateAt = (ms: number): string => calendar.format(new Date(ms));

/** Of a window of days: the date of its last one, which the API names it by. */
export const dateOf = ({ windowEnd }: { readonly windowEnd: string }): string =>
  dateAt(Date.parse(windowEnd) - 1);

/** The end of the day in which something happened last. */
export const dayEndAfter = (iso: string): string =>
  new Date(Date.parse(`${dateAt(Date.parse(iso))}T00:00:00${SHOP_OFFSET}`) + DAY_MS).toISOString();

export const hourEndAfter = (iso: string): string =>
  new Date((Math.floor(Date.parse(iso) / HOUR_MS) + 1) * HOUR_MS).toISOString();
