/** What happens to orders: they are created and paid. Stream `orders`, partitioned by order. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

/** A create knows no transaction: its `txId`, which producers leave out or empty, is not looked at. */
const createSchema = z.object({
  type: z.literal('create'),
  orderId: id(),
  timestamp: epochMilliseconds(),
});

const paySchema = z.object({
  type: z.literal('pay'),
  orderId: id(),
  txId: id(),
  timestamp: epochMilliseconds(),
});

const orderEventSchema = z.discriminatedUnion('type', [createSchema, paySchema]);

export type OrderEvent = z.output<typeof orderEventSchema>;

export const orders = source({
  stream: 'orders',
  schema: orderEventSchema,
  eventTime: 'timestamp',
  partitionKey: 'orderId',
  csv: ['orderId', 'type', 'txId', 'timestamp'],
});
