/** Clicks on advertisements. Stream `ad-clicks`, partitioned by user. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

/** The row over all provinces, so no province may have this name. */
export const TOTAL = 'total';

const adClickSchema = z.object({
  userId: id(),
  adId: id(),
  province: id().refine(
    (province) => province !== TOTAL,
    `is the name of the row over all provinces: give the province another name than "${TOTAL}"`,
  ),
  city: id(),
  timestamp: epochMilliseconds(),
});

export type AdClick = z.output<typeof adClickSchema>;

export const adClicks = source({
  stream: 'ad-clicks',
  schema: adClickSchema,
  eventTime: 'timestamp',
  partitionKey: 'userId',
  csv: ['userId', 'adId', 'province', 'city', 'timestamp'],
});
