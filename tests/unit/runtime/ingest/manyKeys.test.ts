/** A window with two million distinct keys: the limit that closing promises. */
import { expect, it } from 'vitest';
import { countBy, hours, job, minutes, seconds, tumbling } from '../../../../shared/index.ts';
import { pagePartition } from '../../../../shared/state/keys.ts';
import { TestEngine } from '../../../support/engine.ts';
import { T0, untyped, type Visit, visitSource } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

const KEYS = 2_000_000;
const EVENTS_A_RECORD = 10_000;
const RECORDS_A_BATCH = 10;

const JOB = untyped(
  job({
    name: 'many-keys',
    version: 1,
    source: visitSource,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: minutes(10),
  }).window({
    assign: tumbling({ size: hours(1) }),
    allowedLateness: seconds(0),
    late: 'sideOutput',
    aggregate: countBy((event: Visit) => event.page),
    table: { name: 'many-keys', partitionKey: 'site' },
    result: (counts) => [{ site: 'all', keys: counts.size }],
  }),
);

/** Different for every n below 2^32, and spread like chance, so that no codec profits: a mixer that is a bijection. */
function pageOf(n: number): string {
  const mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const more = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return String((more ^ (more >>> 16)) >>> 0);
}

it('closes a window of two million distinct keys, its slices in parts', {
  timeout: 120_000,
}, async () => {
  const engine = new TestEngine(JOB);
  const step = EVENTS_A_RECORD * RECORDS_A_BATCH;
  for (let n = 0; n < KEYS; n += step) {
    const record = (r: number) =>
      Array.from({ length: EVENTS_A_RECORD }, (_, i) => ({
        page: pageOf(n + r * EVENTS_A_RECORD + i),
        // All in one slice, which no single item can hold.
        time: T0 + 1,
      }));
    const contents = Array.from({ length: RECORDS_A_BATCH }, (_, r) => record(r));
    const report = await engine.ingest(streamRecords(contents, { first: n }));
    expect(report.counts.accepted).toBe(step);
    await engine.close('schedule');
  }
  await engine.close('endOfInput');
  expect(engine.answers()).toMatchObject([{ site: 'all', keys: KEYS }]);
  const pageItems = [...engine.state.items()].filter(({ pk }) => pk === pagePartition(JOB.id));
  expect(pageItems.some(({ sk }) => /#[1-9]\d*$/.test(String(sk)))).toBe(true);
});
