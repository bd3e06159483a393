/** Money that arrived, as the payment channels report it. Stream `receipts`, partitioned by transaction. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

export { type OrderEvent, orders } from '../orderTimeout/events.ts';

const receiptSchema = z.object({
  txId: id(),
  /** Any name: a new channel should not turn its receipts into dead letters. */
  channel: id(),
  timestamp: epochMilliseconds(),
});

export type Receipt = z.output<typeof receiptSchema>;

export const receipts = source({
  stream: 'receipts',
  schema: receiptSchema,
  eventTime: 'timestamp',
  partitionKey: 'txId',
  csv: ['txId', 'channel', 'timestamp'],
});
