/** What a pattern or a gate keeps between batches is what it would see within one. */
import { describe, expect, it } from 'vitest';
import type { PatternJob } from '../../../../shared/job/patternJob.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import type { Value } from '../../../../shared/ports/table.ts';
import { TestEngine } from '../../../support/engine.ts';
import { gatedJob, knocksJob, type Signal, signal, signals } from '../../../support/signals.ts';

/** A schema may make of an event what no JSON is. */
const odd = (job: PatternJob): PatternJob => ({
  ...job,
  sources: [
    {
      ...signals,
      parse(value) {
        const parsed = signals.parse(value);
        if ('problem' in parsed) return parsed;
        return { event: { ...parsed.event, when: new Date(parsed.event.time), no: undefined } };
      },
    } as PatternJob['sources'][0],
  ],
});

/** `[type of the first event's date, its attributes]` */
const ALERTS = {
  table: { name: 'alarms', partitionKey: 'key', sortKey: 'id' },
  row: ({ events }: { events: readonly { event: Signal }[] }, key: string) => {
    const first = events[0]?.event as unknown as Record<string, unknown>;
    return { key, id: 'i', when: typeof first['when'], names: Object.keys(first).sort() };
  },
};

async function rowsOf(job: PatternJob | WindowJob, table: string, sizes: readonly number[]) {
  const shards = new TestEngine(job);
  const contents = [0, 1, 2, 3].map((second) => signal('a', 'knock', second));
  let at = 0;
  for (const size of sizes) {
    shards.coldStart();
    await shards.put('s', contents.slice(at, at + size));
    at += size;
  }
  await shards.cold.fire('endOfInput');
  return shards.rows(table);
}

describe('where batches end makes no difference', () => {
  it("to the events of a match, whatever the job's schema makes of them", async () => {
    const job = odd(knocksJob({ alerts: ALERTS }));
    const whole = await rowsOf(job, 'alarms', [4]);
    expect(whole).toMatchObject([{ when: 'string', names: ['key', 'kind', 'time', 'when'] }]);
    expect(await rowsOf(job, 'alarms', [1, 1, 2])).toEqual(whole);
  });

  it.each<[string, (state: unknown) => unknown]>([
    ['bytes', () => new Uint8Array([1, 2])],
    ['a negative zero', () => -0],
    ['a missing attribute', () => ({ no: null })],
    ['a list', (state) => (Array.isArray(state) ? [...state, 1] : [])],
  ])('to the state of a gate that is %s', async (_, next) => {
    const decide = (state: Value) => {
      const shown = `${JSON.stringify(state)} ${Object.is(state, -0)} ${state instanceof Uint8Array}`;
      const alerts = [{ key: 'a', id: shown }];
      return { verdict: 'pass', state: next(state) as Value, alerts } as const;
    };
    const job = gatedJob({ decide });
    const whole = await rowsOf(job, 'blocked', [4]);
    expect(whole.length).toBeGreaterThan(0);
    expect(await rowsOf(job, 'blocked', [1, 1, 1, 1])).toEqual(whole);
  });
});

describe('a state that is ahead of an event', () => {
  it('does not stop a function that still knows an old head: it computes anew', async () => {
    const shards = new TestEngine(knocksJob());
    const old = shards.cold.ingest;
    const contents = [0, 1, 2, 3, 30].map((second) => signal('a', 'knock', second));
    await shards.deliver('s', contents.slice(0, 1), 0, old);
    shards.coldStart();
    await shards.deliver('s', contents.slice(0, 4));
    await shards.deliver('s', contents, 0, old);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('alarms').map(({ id }) => id)).toEqual(['0-1', '1-2', '2-3']);
    expect((await shards.head('s'))?.totals).toEqual({
      accepted: 5,
      filtered: 0,
      late: 0,
      dead: 0,
    });
  });
});
