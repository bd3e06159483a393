/** Whether all events of a key are on one shard. */
import { expect, it } from 'vitest';
import { KeyCheck } from '../../../cli/keyCheck.ts';
import { JOBS } from '../../../functions/jobs.ts';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import type { Job } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { gatedJob, knocksJob, signal, signals } from '../../support/signals.ts';

const event = (key: string, kind: string) => ({
  line: '',
  value: signal(key, kind, 1),
  partitionKey: '',
});

/** The same job on a stream that is partitioned by something else. */
const otherwise = (job: Job): Job => ({
  ...job,
  sources: [{ ...signals, partitionKey: ({ kind }: { kind: string }) => kind }] as never,
});

it.each([
  ['a pattern', knocksJob() as unknown as Job],
  ['a gate', gatedJob() as unknown as Job],
])('is told where it is not so, of %s', (_, job) => {
  const check = new KeyCheck(otherwise(job));
  for (const each of [event('a', 'x'), event('b', 'y'), event('a', 'x')]) check.look(each);
  expect(check.problem).toBeUndefined();
  check.look(event('a', 'y'));
  expect(check.problem).toMatch(
    /^events of the key .*a.* have the partition keys x and y: on a stream/,
  );
});

function valueIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

it('is so of every job of the project', () => {
  for (const { usual } of JOBS) {
    const check = new KeyCheck(usual);
    let looked = 0;
    for (const stream of streamsOf(usual)) {
      for (const each of generateEvents(stream, { seed: 1, events: 500 })) {
        const value = valueIn(String(each.line));
        if (value === undefined) continue;
        check.look({ ...each, value, stream });
        looked += 1;
      }
    }
    expect(check.problem).toBeUndefined();
    expect(looked).toBeGreaterThan(400);
  }
});

it('says nothing of events that are none, and of keys that cannot be told', () => {
  const check = new KeyCheck({
    ...knocksJob(),
    key: () => {
      throw new Error('no key');
    },
  } as unknown as Job);
  for (const value of [undefined, 1, {}, signal('a', 'x', 1)]) {
    check.look({ line: '', value, partitionKey: '' });
  }
  expect(check.problem).toBeUndefined();
});
