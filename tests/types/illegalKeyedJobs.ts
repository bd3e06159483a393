/** Status, pattern and gated jobs, and jobs on several streams, that must not compile. */
import * as z from 'zod';
import {
  countBy,
  days,
  epochMilliseconds,
  eventTime,
  id,
  job,
  minutes,
  seconds,
  sequence,
  source,
  tumbling,
} from '../../shared/index.ts';
import type { AlertTable } from '../../shared/job/tables.ts';

const logins = source({
  stream: 'logins',
  schema: z.object({ userId: id(), outcome: z.string(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.userId,
});
const payments = source({
  stream: 'payments',
  schema: z.object({ txId: id(), paidAt: epochMilliseconds() }),
  eventTime: (event) => event.paidAt,
  partitionKey: (event) => event.txId,
});

const head = {
  name: 'guarded',
  version: 1,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
};
const one = { ...head, source: logins };

// @ts-expect-error one source or several, not both
job({ ...one, sources: { pay: payments } });

// @ts-expect-error a job reads something
job(head);

// @ts-expect-error a source of several has a name
job({ ...head, sources: [logins, payments] });

job({
  ...head,
  sources: { login: logins, pay: payments },
  // @ts-expect-error an event of several sources is not known before its source is
  filter: (each) => each.event.userId !== '',
});

job({
  ...head,
  sources: { login: logins, pay: payments },
  // @ts-expect-error a source that the job does not have
  filter: (each) => each.source !== 'receipt',
});

const window = {
  assign: tumbling({ size: minutes(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: countBy((event: { userId: string }) => event.userId),
  table: { name: 'counted', partitionKey: 'shop' },
  result: () => [],
} as const;
const gate = {
  key: (event: { userId: string }) => event.userId,
  initial: 0,
  decidedBy: [],
  decide: (state: number) => ({ verdict: 'pass', state: state + 1 }) as const,
  stateRetention: days(1),
  table: { name: 'blocked', partitionKey: 'userId', sortKey: 'day' },
};

job(one).gate(gate).window(window);

// @ts-expect-error a gate is in front of a window, and of nothing else
job(one).gate(gate).status;

// @ts-expect-error not of a pattern either
job(one).gate(gate).pattern;

// @ts-expect-error one gate
job(one).gate(gate).gate;

// @ts-expect-error a gate lets pass or filters
job(one).gate({ ...gate, decide: (state: number) => ({ verdict: 'drop', state }) });

// @ts-expect-error a gate says what it keeps
job(one).gate({ ...gate, decide: () => ({ verdict: 'pass' }) });

// @ts-expect-error a gate decides now: it sees no table, clock or promise
job(one).gate({ ...gate, decide: async (state: number) => ({ verdict: 'pass', state }) });

// @ts-expect-error what a gate keeps can be stored
job(one).gate({ ...gate, initial: new Date() });

const { stateRetention: _gateRetention, ...forgetful } = gate;
// @ts-expect-error how long a gate remembers has no default: forgetting lets events pass
job(one).gate(forgetful);

const status = {
  key: (event: { userId: string }) => event.userId,
  initial: { seen: 0 },
  merge: (state: { seen: number }) => state,
  timers: () => [],
  view: () => ({ status: 'there', row: {} }) as const,
  statuses: { there: 'fine', odd: 'problem' } as const,
  waits: [],
  stateRetention: days(1),
  table: { name: 'users', partitionKey: 'userId' },
};

job(one).status(status);

// @ts-expect-error how long a state is remembered has no default
job(one).status({ ...status, stateRetention: undefined });

// @ts-expect-error what the timers are computed with is said
job(one).status({ ...status, waits: undefined });

// @ts-expect-error merging keeps the kind of state
job(one).status({ ...status, merge: () => 'seen' });

// @ts-expect-error timers are times
job(one).status({ ...status, timers: () => ['soon'] });

// @ts-expect-error a view is a row, not a promise of one
job(one).status({ ...status, view: async () => ({ status: 'there', row: {} }) });

// @ts-expect-error a problem has a time
job(one).status({ ...status, view: () => ({ status: 'odd', row: {} }) });

// @ts-expect-error what is fine has none
job(one).status({ ...status, view: () => ({ status: 'there', at: eventTime(0), row: {} }) });

// @ts-expect-error a status is declared
job(one).status({ ...status, view: () => ({ status: 'elsewhere', row: {} }) });

// @ts-expect-error a status is fine or a problem
job(one).status({ ...status, statuses: { there: 'fine', odd: 'bad' } });

// @ts-expect-error a key that the event does not have
job(one).status({ ...status, key: (event: { orderId: string }) => event.orderId });

const failed = sequence<{ userId: string; outcome: string; time: number }>(
  'fail',
  ({ outcome }) => outcome === 'fail',
).times(2);
const pattern = {
  key: (event: { userId: string }) => event.userId,
  match: failed.within(seconds(2)),
  alerts: {
    table: { name: 'alerts', partitionKey: 'userId', sortKey: 'alertId' },
    row: (_found: object, userId: string) => ({ userId, alertId: 'x' }),
  },
  stateRetention: days(1),
};

job(one).pattern(pattern);

// @ts-expect-error how long a match may take is said
job(one).pattern({ ...pattern, match: failed });

// @ts-expect-error a table of facts has a sort key
job(one).pattern({ ...pattern, alerts: { ...pattern.alerts, table: status.table } });

const alertsIn = (table: AlertTable) => ({ ...pattern, alerts: { ...pattern.alerts, table } });
job(one).pattern(alertsIn({ ...pattern.alerts.table, listedBy: 'at', personal: ['userId'] }));

// @ts-expect-error rows are listed by one attribute, named by its name
job(one).pattern(alertsIn({ ...pattern.alerts.table, listedBy: ['at'] }));

// @ts-expect-error what is personal is a list of names
job(one).pattern(alertsIn({ ...pattern.alerts.table, personal: 'userId' }));

// @ts-expect-error and a name is text
job(one).pattern(alertsIn({ ...pattern.alerts.table, personal: [1] }));

// @ts-expect-error rows of windows are listed by their ends already
job(one).window({ ...window, table: { ...window.table, listedBy: 'at' } });

// @ts-expect-error an alert is a row that a table can store
job(one).pattern({ ...pattern, alerts: { ...pattern.alerts, row: () => ({ at: new Date() }) } });

// @ts-expect-error the pattern is of other events
job({ ...head, source: payments }).pattern(pattern);
