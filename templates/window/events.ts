/** What happens, one event at a time. Stream `new-stream`, partitioned by `userId`. */
import * as z from 'zod';
import { type EventOf, epochMilliseconds, id, source } from '../../shared/index.ts';

export const newStream = source({
  stream: 'new-stream',
  schema: z.object({
    userId: id(),
    action: id(),
    timestamp: epochMilliseconds(),
  }),
  eventTime: 'timestamp',
  partitionKey: 'userId',
  csv: ['userId', 'action', 'timestamp'],
});

export type NewStreamEvent = EventOf<typeof newStream>;
