/** Keyed jobs that compile: types flow from the sources into keys, states, decisions and rows. */
import { expectTypeOf } from 'vitest';
import * as z from 'zod';
import {
  days,
  type EventTime,
  epochMilliseconds,
  id,
  job,
  minutes,
  parameterized,
  seconds,
  sequence,
  source,
  type Watermark,
} from '../../shared/index.ts';
import type { PatternJob } from '../../shared/job/patternJob.ts';
import type { StatusJob } from '../../shared/job/statusJob.ts';

const orders = source({
  stream: 'orders',
  schema: z.object({ orderId: id(), txId: id(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.orderId,
});
const receipts = source({
  stream: 'receipts',
  schema: z.object({ txId: id(), channel: z.string(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.txId,
});
interface Order {
  orderId: string;
  txId: string;
  time: number;
}
interface Receipt {
  txId: string;
  channel: string;
  time: number;
}
type Both =
  | { readonly source: 'pay'; readonly event: Order }
  | { readonly source: 'receipt'; readonly event: Receipt };

const head = {
  name: 'reconcile',
  version: 1,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
};

/** `source` tells which event it is. */
export const reconcile = job({
  ...head,
  sources: { pay: orders, receipt: receipts },
  filter(each) {
    expectTypeOf(each).toEqualTypeOf<Both>();
    return each.source === 'receipt' ? each.event.channel !== '' : each.event.orderId !== '';
  },
}).status({
  key: ({ event }) => event.txId,
  initial: { pays: 0 },
  merge(state, each) {
    expectTypeOf(each).toEqualTypeOf<Both>();
    return { pays: state.pays + 1 };
  },
  timers(state) {
    expectTypeOf(state).toEqualTypeOf<{ pays: number }>();
    return [] as EventTime[];
  },
  view(_state, watermark) {
    expectTypeOf(watermark).toEqualTypeOf<Watermark>();
    return { status: 'open', row: {} };
  },
  statuses: { open: 'fine' },
  waits: [seconds(5)],
  stateRetention: days(1),
  table: { name: 'reconciliation', partitionKey: 'txId' },
});
expectTypeOf(reconcile).toEqualTypeOf<StatusJob<Both, { pays: number }>>();

export const twice = job({ ...head, name: 'twice', source: orders }).pattern({
  key: ({ orderId }) => orderId,
  match: sequence<Order>('first', ({ txId }) => txId !== '')
    .followedBy('second', ({ txId }) => txId !== '')
    .within(seconds(2)),
  alerts: {
    table: { name: 'twice', partitionKey: 'orderId', sortKey: 'at' },
    row(match, key) {
      expectTypeOf(match.events[0]?.event).toEqualTypeOf<Order | undefined>();
      expectTypeOf(key).toEqualTypeOf<string>();
      return { orderId: key, at: match.events.length };
    },
  },
  timedOut: {
    table: { name: 'once', partitionKey: 'orderId', sortKey: 'at' },
    row(found, key) {
      expectTypeOf(found.at).toEqualTypeOf<EventTime>();
      return { orderId: key, at: String(found.at) };
    },
  },
  stateRetention: days(1),
});
expectTypeOf(twice).toEqualTypeOf<PatternJob<Order>>();

/** Also a state that is an interface, which the compiler does not count among what can be stored. */
interface Seen {
  readonly last: number | null;
}
export const seen = parameterized({}, () =>
  job({ ...head, name: 'seen', source: orders }).status({
    key: ({ orderId }) => orderId,
    initial: { last: null },
    merge: (state: Seen, { time }): Seen => ({ last: Math.max(state.last ?? 0, time) }),
    timers: () => [],
    view: () => ({ status: 'seen', row: {} }),
    statuses: { seen: 'fine' },
    waits: [],
    stateRetention: days(1),
    table: { name: 'seen', partitionKey: 'orderId' },
  }),
);
