/** What invocations cost on demand: units of DynamoDB by our own arithmetic, and how many there were. */
import type { UnitMeter } from '../shared/adapters/meteredTable.ts';

export interface Spent {
  readonly invocations: number;
  /** Requests to DynamoDB. */
  readonly requests: number;
  /** Read units of 4 KB. */
  readonly read: number;
  /** Write units of 1 KB. */
  readonly write: number;
}

export const NOTHING: Spent = { invocations: 0, requests: 0, read: 0, write: 0 };

export const addSpent = (...all: readonly Spent[]): Spent => ({
  invocations: sumOf(all.map(({ invocations }) => invocations)),
  requests: sumOf(all.map(({ requests }) => requests)),
  read: sumOf(all.map(({ read }) => read)),
  write: sumOf(all.map(({ write }) => write)),
});

/** So many times as many invocations, and of all that they consumed. */
export const timesSpent = (spent: Spent, invocations: number, consumed: number): Spent => ({
  invocations: spent.invocations * invocations,
  requests: spent.requests * consumed,
  read: spent.read * consumed,
  write: spent.write * consumed,
});

/** Of one invocation, between two looks at a meter. */
export const spentBetween = (before: Omit<Spent, 'invocations'>, after: UnitMeter): Spent => ({
  invocations: 1,
  requests: after.requests - before.requests,
  read: after.read - before.read,
  write: after.write - before.write,
});

export const perThousand = ({ write, read }: Spent, thousands: number): string =>
  `${(write / thousands).toFixed(2)} WRU ${(read / thousands).toFixed(2)} RRU`;

export const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
