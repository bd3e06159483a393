/** In a keyed job one lane sees all events of a key: its key has to determine what producers hash by, unless they are forwarded. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JOBS } from '../../functions/jobs.ts';
import type { Job } from '../../shared/index.ts';
import { needsRepartition } from '../../shared/job/repartition.ts';
import { keyOfKept } from '../../shared/job/traits.ts';
import { adClick, gridTime, login, orderEvent } from '../support/keyedEvents.ts';

const time = gridTime(3 * 86_400);
const EVENTS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'ad-blacklist': adClick(time),
  'login-fail': login(time),
  'order-timeout': orderEvent(time, fc.constantFrom('a', 'b', '["a"]')),
};

const KEYED = JOBS.map((family): Job => family.build()).flatMap((job) => {
  const key = keyOfKept(job);
  return key && !needsRepartition(job) ? [[job.name, job, key] as const] : [];
});

it('is known of every keyed job', () => {
  expect(KEYED.map(([name]) => name).sort()).toEqual(Object.keys(EVENTS).sort());
});

it.each(KEYED)('the key of %s determines the partition key', (name, job, key) => {
  const [source] = job.sources;
  const seen = new Map<string, string | undefined>();
  fc.assert(
    fc.property(fc.array(EVENTS[name] as fc.Arbitrary<unknown>, { maxLength: 40 }), (events) => {
      for (const event of events) {
        const partitionKey = source?.partitionKey(event);
        const known = seen.get(key(event));
        if (known !== undefined) expect(known).toBe(partitionKey);
        seen.set(key(event), partitionKey);
      }
    }),
  );
});
