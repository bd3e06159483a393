/** What a user did with the app that a channel advertised. Stream `app-marketing`, partitioned by channel. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

/** The board over all channels, so no channel may have this name. */
export const TOTAL = 'total';

const appMarketingSchema = z.object({
  userId: id(),
  channel: id().refine(
    (channel) => channel !== TOTAL,
    `is the name of the board over all channels: give the channel another name than "${TOTAL}"`,
  ),
  behavior: z.enum(['CLICK', 'DOWNLOAD', 'INSTALL', 'UNINSTALL']),
  timestamp: epochMilliseconds(),
});

export type AppMarketing = z.output<typeof appMarketingSchema>;

export const appMarketing = source({
  stream: 'app-marketing',
  schema: appMarketingSchema,
  eventTime: 'timestamp',
  partitionKey: 'channel',
  csv: ['userId', 'channel', 'behavior', 'timestamp'],
});
