/**
 * Logins of so many users, all at one time, and a later one, in a process with a small heap: prints how many commits a timer run
 * took to let them go. What is in memory is the function's, and the log.
 */
import { loginFail } from '../../functions/loginFail/job.ts';
import { memoryPorts } from '../../shared/adapters/memory/memoryPorts.ts';
import { createEngine } from '../../shared/engine.ts';
import type { Job } from '../../shared/job/job.ts';
import { DEFAULT_SETTINGS } from '../../shared/runtime/settings.ts';
import { testClock } from './clock.ts';
import { streamRecords } from './records.ts';
import { T0 } from './signals.ts';

const BATCH = 10_000;

const job = loginFail.build() as Job;
const ports = memoryPorts(job, { clock: testClock() });
const { ingest, fire } = createEngine(job, ports, DEFAULT_SETTINGS);
const login = (n: number, timestamp: number) => ({
  userId: `user-${n}`,
  ip: '10.0.0.1',
  outcome: 'fail',
  timestamp,
});
async function put(first: number, logins: readonly object[]): Promise<void> {
  const records = streamRecords([logins.map((each) => JSON.stringify(each)).join('\n')], { first });
  await ingest({ stream: 'logins', shard: 's', records });
}

const users = Number(process.argv[2]);
for (let first = 0; first < users; first += BATCH) {
  await put(
    first,
    Array.from({ length: BATCH }, (_, n) => login(first + n, T0)),
  );
}
await put(users, [login(users, T0 + 60_000)]);
const fired = await fire?.('schedule');
console.log(JSON.stringify({ lanesAdvanced: fired?.lanesAdvanced, hasMore: fired?.hasMore }));
