/** Clicks on advertisements. Stream `ad-clicks`, partitioned by user. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

const adClickSchema = z.object({
  userId: id(),
  adId: id(),
  province: id(),
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
