/** What must not compile. An expectation without an error is an error itself, so these lines cannot rot. */
import * as z from 'zod';
import {
  countBy,
  epochMilliseconds,
  id,
  job,
  minutes,
  oneOf,
  parameterized,
  seconds,
  source,
  tumbling,
  type WindowJob,
  wholeNumber,
} from '../../shared/index.ts';
import { type EventTime, eventTime, processingTime } from '../../shared/model/time.ts';
import { hasClosed } from '../../shared/model/window.ts';

const purchases = source({
  stream: 'purchases',
  schema: z.object({ userId: id(), amount: z.int(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.userId,
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  // @ts-expect-error an event time that the schema does not have
  eventTime: (event) => event.timestamp,
  partitionKey: (event) => event.userId,
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  // @ts-expect-error a partition key that is not text
  partitionKey: (event) => event.time,
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  // @ts-expect-error an event time that is text
  eventTime: 'userId',
  partitionKey: 'userId',
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  eventTime: 'time',
  partitionKey: 'userId',
  // @ts-expect-error a form that is none
  forms: ['gz'],
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  eventTime: 'time',
  partitionKey: 'userId',
  // @ts-expect-error a decode that gives one event instead of a list
  decode: (data) => ({ userId: `${data[0]}` }),
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  eventTime: 'time',
  // @ts-expect-error a partition key that the schema does not have
  partitionKey: 'itemId',
});

source({
  stream: 'purchases',
  schema: z.object({ userId: id(), time: epochMilliseconds() }),
  eventTime: 'time',
  partitionKey: 'userId',
  // @ts-expect-error a column that the schema does not have
  csv: ['userId', 'itemId', 'time'],
});

source({
  stream: 'orders',
  schema: z.union([
    z.object({ orderId: id(), time: epochMilliseconds() }),
    z.object({ orderId: id(), txId: id(), time: epochMilliseconds() }),
  ]),
  eventTime: 'time',
  // @ts-expect-error an attribute that some events do not have
  partitionKey: 'txId',
  csv: ['orderId', 'txId', 'time'],
});

const head = {
  name: 'spending',
  version: 1,
  source: purchases,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
};
const tail = {
  assign: tumbling({ size: minutes(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: countBy((event: { userId: string }) => event.userId),
  table: { name: 'spending', partitionKey: 'shop' },
  result: () => [],
} as const;

job(head).window(tail);

const { maxOutOfOrderness: _disorder, ...noDisorder } = head;
// @ts-expect-error how far the watermark trails has no default: it decides what is late
job(noDisorder).window(tail);

const { maxFutureSkew: _skew, ...noSkew } = head;
// @ts-expect-error how far ahead an event may be has no default: it decides what is dead
job(noSkew).window(tail);

// @ts-expect-error a duration is not a bare number
job({ ...head, maxOutOfOrderness: 5 });

// @ts-expect-error a filter on a field that the event does not have
job({ ...head, filter: (event: { behavior: string }) => event.behavior === 'pv' }).window(tail);

const { allowedLateness: _lateness, ...noLateness } = tail;
// @ts-expect-error lateness has no default
job(head).window(noLateness);

const { late: _late, ...noLatePolicy } = tail;
// @ts-expect-error what happens to late events is said
job(head).window(noLatePolicy);

// @ts-expect-error late events are never dropped
job(head).window({ ...tail, late: 'drop' });

// @ts-expect-error an aggregate over a field that the event does not have
job(head).window({ ...tail, aggregate: countBy((event: { itemId: string }) => event.itemId) });

// @ts-expect-error ids are text
job(head).window({ ...tail, aggregate: countBy((event: { amount: number }) => event.amount) });

// @ts-expect-error a result is a list of rows, not a promise: user code sees no table, clock or network
job(head).window({ ...tail, result: async () => [] });

// @ts-expect-error a row holds what a table can store
job(head).window({ ...tail, result: () => [{ shop: 'all', at: new Date() }] });

// @ts-expect-error a window has a size
tumbling({});

// @ts-expect-error sizes are durations
tumbling({ size: 60_000 });

parameterized({ top: wholeNumber(5, { min: 1, max: 9 }, 'how many') }, (values) => {
  // @ts-expect-error a parameter that is not declared
  values.bottom;
  return job(head).window(tail) as unknown as WindowJob;
});

// @ts-expect-error a choice of nothing
oneOf([], 'nothing');

// @ts-expect-error the clock of the machine is no event time
const _mixed: EventTime = processingTime(0);

// @ts-expect-error windows close by a watermark, not by a time
hasClosed(eventTime(0), eventTime(0));
