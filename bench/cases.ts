/** The jobs of the sections on units and on CPU, with the events that they are measured on. */
import { createHash } from 'node:crypto';
import { adBlacklist } from '../functions/adBlacklist/job.ts';
import { funnel } from '../functions/funnel/job.ts';
import { userBehavior } from '../functions/hotItems/events.ts';
import { hotItems } from '../functions/hotItems/job.ts';
import { loginFail } from '../functions/loginFail/job.ts';
import { orderReconcile } from '../functions/orderReconcile/job.ts';
import { orderTimeout } from '../functions/orderTimeout/job.ts';
import { pvuv } from '../functions/pvuv/job.ts';
import { userProfile } from '../functions/userProfile/job.ts';
import { count, hours, job, minutes, seconds, tumbling } from '../shared/index.ts';
import type { Job } from '../shared/job/job.ts';
import { type BenchEvent, generatedLines, lineOf, withTextUserId } from './events.ts';
import {
  type NaiveWorkOf,
  naiveAdBlacklist,
  naiveFunnel,
  naiveHotItems,
  naiveProfile,
  naivePv,
  naivePvUv,
  naiveRowOf,
} from './naive.ts';
import type { Line } from './records.ts';

export interface Case {
  readonly what: string;
  readonly job: Job;
  readonly lines: readonly Line[];
  readonly naive: NaiveWorkOf;
}

/** Page views alone, which is less than any of the project's jobs does. */
const pageViews = job({
  name: 'pv',
  version: 1,
  source: userBehavior,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
  filter: (event) => event.behavior === 'pv',
}).window({
  assign: tumbling({ size: hours(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: count(),
  table: { name: 'pv', partitionKey: 'site' },
  result: (pv) => [{ site: 'all', pv }],
}) as Job;

/** Those whose ingest writes slices of windows, on events of user behavior. */
export function windowCases(events: readonly BenchEvent[]) {
  const lines = events.map(lineOf);
  const texts = events.map(withTextUserId).map(lineOf);
  const [boards, visitors] = [hotItems.build(), pvuv.build()];
  return {
    hotItems: { what: 'hot items, eight boards', job: boards, lines, naive: naiveHotItems },
    pv: { what: 'pv alone', job: pageViews, lines, naive: naivePv },
    pvuv: { what: 'pv and exact uv, integer ids', job: visitors, lines, naive: naivePvUv },
    texts: { what: 'pv and exact uv, string ids', job: visitors, lines: texts, naive: naivePvUv },
    profiles: { what: 'user profiles', job: userProfile.build(), lines, naive: naiveProfile },
    funnel: { what: 'funnel', job: funnel.build(), lines, naive: naiveFunnel },
  } satisfies Readonly<Record<string, Case>>;
}

/** Those whose ingest keeps a state for each key. @param events of each job; they take three hours. */
export async function keyedCases(events: number): Promise<readonly Case[]> {
  const third = Math.floor(events / 3);
  const cases = [
    [orderTimeout, { orders: events }, naiveRowOf('orderId')],
    [orderReconcile, { orders: 2 * third, receipts: third }, naiveRowOf('txId')],
    [loginFail, { logins: events }, naiveRowOf('userId')],
    [adBlacklist, { 'ad-clicks': events }, naiveAdBlacklist],
  ] as const;
  const built: Case[] = [];
  for (const [family, shares, naive] of cases) {
    const lines = await generatedLines(shares);
    built.push({ what: family.name, job: family.build(), lines, naive });
    if (family !== orderTimeout && family !== orderReconcile) continue;
    const job = family.build({ rows: 'problems' }) as Job;
    const problems = { what: `${family.name}, rows of problems`, job, naive };
    const uuids = lines.map(withUuids);
    built.push(
      { ...problems, lines },
      { ...problems, what: `${problems.what}, UUIDs`, lines: uuids },
    );
  }
  return built;
}

/** The same event of an order or a receipt whose ids are UUIDs; a line that is no event stays as it is. */
function withUuids(line: Line): Line {
  if (!line.line.endsWith('}')) return line;
  const { orderId, txId, ...event } = JSON.parse(line.line);
  const ids = {
    ...(orderId ? { orderId: uuidOf(orderId) } : {}),
    ...(txId ? { txId: uuidOf(txId) } : {}),
  };
  const partitionKey = uuidOf(orderId ?? txId);
  return { ...line, line: JSON.stringify({ ...event, ...ids }), partitionKey };
}

function uuidOf(id: string): string {
  const hex = createHash('sha256').update(id).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}
