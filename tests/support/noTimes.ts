/** Days and times of day that are none, as each reader of times has to refuse them, and days that are. */
export const DATES_THAT_ARE_NONE = [
  '2026-02-30',
  '2026-02-29',
  '1900-02-29',
  '2026-04-31',
  '2026-12-32',
  '2026-00-10',
  '2026-13-01',
  '2026-01-00',
];
export const CLOCKS_THAT_ARE_NONE = ['24:00', '24:00:00', '25:61', '23:60', '23:59:60'];
export const LAST_DAYS = ['2026-02-28', '2024-02-29', '2000-02-29', '2026-04-30', '2026-12-31'];
