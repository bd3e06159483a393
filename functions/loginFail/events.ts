/** Attempts to log in. Stream `logins`, partitioned by user. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

const loginSchema = z.object({
  userId: id(),
  ip: id(),
  outcome: z.enum(['success', 'fail']),
  timestamp: epochMilliseconds(),
});

export type Login = z.output<typeof loginSchema>;

export const logins = source({
  stream: 'logins',
  schema: loginSchema,
  eventTime: 'timestamp',
  partitionKey: 'userId',
  csv: ['userId', 'ip', 'outcome', 'timestamp'],
});
