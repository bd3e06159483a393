/**
 * Logins of so many users, all at one time, and a later one, in a process with a small heap: prints how many states were put, and
 * how many commits they took. Keyed states are counted and not kept, so that memory is the function's and the log's.
 */
import { loginFail } from '../../functions/loginFail/job.ts';
import { memoryPorts } from '../../shared/adapters/memory/memoryPorts.ts';
import { createEngine } from '../../shared/engine.ts';
import type { Job } from '../../shared/job/job.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { DEFAULT_SETTINGS } from '../../shared/runtime/settings.ts';
import { testClock } from './clock.ts';
import { streamRecords } from './records.ts';
import { T0 } from './signals.ts';

const BATCH = 10_000;

const isState = ({ pk }: { readonly pk: string }): boolean => pk.includes('#key#');

let statesPut = 0;
function withoutStates(inner: Table): Table {
  return {
    description: inner.description,
    get: (key, consistency) => inner.get(key, consistency),
    query: (request) => inner.query(request),
    batchGet: async (keys, consistency) =>
      keys.some(isState) ? [] : inner.batchGet(keys, consistency),
    async put(item, condition) {
      if (!isState(item as Item & { pk: string })) return inner.put(item, condition);
      statesPut += 1;
      return { kind: 'written' };
    },
    batchPut: (items) => inner.batchPut(items),
    batchRemove: (keys) => inner.batchRemove(keys),
    update: (key, set, condition) => inner.update(key, set, condition),
  };
}

const job = loginFail.build() as Job;
const ports = memoryPorts(job, { clock: testClock(), state: withoutStates });
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
console.log(
  JSON.stringify({ statesPut, lanesAdvanced: fired?.lanesAdvanced, hasMore: fired?.hasMore }),
);
