/** What waits on a keyed lane until all sources have been forwarded so far, and who says how far that is. */
import { describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../../shared/job/job.ts';
import { WHOLE_RANGE } from '../../../../shared/model/hashRange.ts';
import { arrivalTime, milliseconds } from '../../../../shared/model/time.ts';
import type { ShardRemainder } from '../../../../shared/ports/shards.ts';
import { putFrontier } from '../../../../shared/runtime/forwarding/forwarder.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { SHARD } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import {
  done,
  open,
  type Signal,
  sharedMarksJob,
  sharedTasksJob,
} from '../../../support/signals.ts';
import { ByHand, OWN } from './byHand.ts';

const arrivalAt = (second: number) => arrivalTime(CLOCK_START + second * 1_000);
type Stream = 'signals' | 'echoes';

/** What is told, and what is put by whom. */
class Hop extends ByHand {
  readonly #next: Record<Stream, number> = { signals: 0, echoes: 0 };

  constructor(job = sharedMarksJob()) {
    super(job as unknown as Job);
  }

  /** Forwards an event that arrived so many seconds after the start, and lets the keyed lane take it in. */
  async event(stream: Stream, second: number, event: Signal): Promise<void> {
    await this.forward(stream, second, [event]);
    await this.read();
  }

  async forward(stream: Stream, second: number, events: readonly Signal[]): Promise<void> {
    const first = this.#next[stream];
    this.#next[stream] += events.length;
    const records = streamRecords(events, { first, arrival: arrivalAt(second) });
    const keyed = records.map((record, n) => ({ ...record, partitionKey: events[n]?.key ?? '' }));
    await this.engine.cold.ingest({ stream, shard: SHARD, records: keyed });
  }

  async frontier(second: number): Promise<void> {
    const { ports, job } = this.engine;
    await putFrontier(ports.streams, { id: job.id, stream: OWN }, arrivalAt(second));
    await this.read();
  }

  /** By key, which events its row is made of. */
  get rows() {
    return Object.fromEntries(this.engine.rows('tasks').map(({ task, of }) => [task, of]));
  }
}

const BITS = { first: 1, second: 2, third: 4 } as const;
const FIRST = open('a', 0);
const SECOND = open('a', 10);
const THIRD = done('a', 20);
const ALL = BITS.first + BITS.second + BITS.third;

describe('an event that was forwarded', () => {
  it('waits while one may come that its key would be forgotten after', async () => {
    const hop = new Hop();
    await hop.event('signals', 50, THIRD);
    await hop.frontier(9);
    expect(hop.rows).toEqual({});
    await hop.frontier(10);
    expect(hop.rows).toEqual({ a: BITS.third });
  });

  it('is taken at once near the last of its key', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.event('signals', 0, FIRST);
    await hop.event('echoes', 40, THIRD);
    expect(hop.rows).toEqual({ a: BITS.first + BITS.third });
  });

  it('waits for one that would have kept its key', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.event('signals', 0, FIRST);
    await hop.event('signals', 60, THIRD);
    await hop.frontier(40);
    expect(hop.rows).toEqual({});
    await hop.event('echoes', 40, SECOND);
    expect(hop.rows).toEqual({ a: ALL });
  });

  it('begins its key anew where none comes', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.event('signals', 0, FIRST);
    await hop.event('signals', 60, THIRD);
    await hop.frontier(41);
    expect(hop.rows).toEqual({ a: BITS.third });
  });

  it('waits where its key would be forgotten as a problem, too', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.event('signals', 0, THIRD);
    await hop.event('signals', 310, FIRST);
    await hop.frontier(299);
    await hop.event('echoes', 300, SECOND);
    await hop.frontier(310);
    expect(hop.rows).toEqual({ a: ALL });
  });

  it('comes behind those that wait and arrived before it', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.event('signals', 0, FIRST);
    await hop.forward('signals', 90, [THIRD]);
    await hop.forward('echoes', 60, [SECOND]);
    await hop.read();
    await hop.frontier(90);
    expect(hop.rows).toEqual({ a: BITS.second + BITS.third });
  });

  it('goes on waiting with its key behind a restart, and is let go when the input ends', async () => {
    const hop = new Hop();
    await hop.event('signals', 50, FIRST);
    await hop.event('signals', 51, THIRD);
    expect((await hop.engine.commits(SHARD, OWN)).at(-1)?.nextAhead).toBe(arrivalAt(10));
    await hop.engine.finish();
    expect(hop.rows).toEqual({ a: BITS.first + BITS.third });
    expect((await hop.engine.commits(SHARD, OWN)).at(-1)?.nextAhead).toBeUndefined();
  });

  it('is a dead letter where its job cannot read it any more', async () => {
    let isChanged = false;
    const job = sharedMarksJob();
    const sources = job.sources.map((source) => ({
      ...source,
      parse: (value: unknown) => (isChanged ? { problem: 'is of old' } : source.parse(value)),
    }));
    const hop = new Hop({ ...job, sources });
    await hop.event('signals', 50, THIRD);
    isChanged = true;
    await hop.frontier(10);
    expect(hop.rows).toEqual({});
    const [letter] = await hop.engine.side(SHARD, OWN);
    expect(letter).toMatchObject({ kind: 'dead', reason: 'is of old' });
    const { totals, nextAhead } = (await hop.engine.commits(SHARD, OWN)).at(-1) ?? {};
    expect(totals).toMatchObject({ accepted: -1, dead: 1 });
    expect(nextAhead).toBeUndefined();
  });

  it('does not wait where so much does already that it is taken as if nothing came', async () => {
    const hop = new Hop();
    const events = Array.from({ length: 40 }, () => ({ ...THIRD, value: 'x'.repeat(1_000) }));
    await hop.forward('signals', 50, events);
    await hop.read();
    expect(hop.rows).toEqual({ a: BITS.third });
  });

  it('waits as long as there is room in its lane: then those go on that have waited for longest', async () => {
    const hop = new Hop();
    const events = Array.from({ length: 2_300 }, (_, n) => ({
      ...done(`k${n}`, 0),
      value: 'x'.repeat(30_000),
    }));
    for (let n = 0; n < events.length; n += 100) {
      await hop.forward('signals', 50 + n, events.slice(n, n + 100));
      await hop.read();
    }
    await hop.event('signals', 5_000, FIRST);
    const taken = Object.keys(hop.rows).map((key) => Number(key.slice(1)));
    expect(taken.length).toBeGreaterThan(0);
    expect(Math.max(...taken)).toBeLessThan(events.length - 1);
  });

  it('is late by its own lane, and has no row alone; one on time shows both', async () => {
    const hop = new Hop();
    await hop.frontier(0);
    await hop.forward('signals', 0, [open('b', 100), THIRD]);
    await hop.read();
    expect((await hop.engine.commits(SHARD, 'signals')).at(-1)?.totals).toMatchObject({
      accepted: 1,
      late: 1,
    });
    expect((await hop.engine.side(SHARD, 'signals')).map(({ kind }) => kind)).toEqual(['late']);
    expect(hop.rows).toEqual({});
    await hop.event('echoes', 1, SECOND);
    expect(hop.rows).toEqual({ a: BITS.second + BITS.third });
  });

  it('is late where it repeats what may be forgotten, on a stream that is quiet', async () => {
    const hop = new Hop();
    await hop.forward('signals', 0, [THIRD]);
    await hop.forward('signals', 30, [THIRD]);
    await hop.forward('signals', 70, [THIRD, done('c', 30)]);
    const { totals } = (await hop.engine.commits(SHARD, 'signals')).at(-1) ?? {};
    expect(totals).toMatchObject({ accepted: 3, late: 1 });
  });
});

describe('how far all sources have been forwarded', () => {
  const told = (hop: Hop) =>
    hop.lines.flatMap((line) => {
      const { f } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { f?: number };
      return f === undefined ? [] : [(f - CLOCK_START) / 1_000];
    });
  const hopAt = (second: number, rest: ShardRemainder = 'drained', job = sharedMarksJob()) => {
    const hop = new Hop(job);
    hop.engine.ranges[SHARD] = WHOLE_RANGE;
    hop.engine.rest[SHARD] = rest;
    hop.engine.clock.advance(milliseconds(second * 1_000));
    return hop;
  };

  it('is told before anything came, and is a little before now where all is read', async () => {
    const hop = hopAt(100);
    await hop.engine.fire('schedule');
    expect(told(hop)).toEqual([95]);
  });

  it('is where the last record arrived of a shard that is not read to its end', async () => {
    const hop = hopAt(100);
    await hop.forward('echoes', 99, [SECOND]);
    await hop.forward('signals', 60, [FIRST]);
    hop.engine.rest[SHARD] = 'hasMore';
    await hop.engine.fire('schedule');
    expect(told(hop)).toEqual([60]);
  });

  it('goes no further than a shard allows that nobody has read, but as far as a key is kept at all', async () => {
    const hop = hopAt(1_000, 'hasMore');
    await hop.forward('signals', 1_000, [FIRST]);
    await hop.engine.fire('schedule');
    expect(told(hop)).toEqual([1_000 - 5 - 300]);
  });

  it('is not held up by a shard that has ended, nor by one of a lane that is retired', async () => {
    const hop = hopAt(100, 'ended');
    await hop.forward('signals', 1, [FIRST]);
    await hop.engine.fire('schedule');
    expect(told(hop)).toEqual([95]);
  });

  it('is told again while events come, and when something waits for it; else it is not', async () => {
    const hop = hopAt(100);
    await hop.forward('signals', 100, [FIRST]);
    const fired = async (second: number) => {
      hop.engine.clock.advance(milliseconds(second * 1_000));
      await hop.engine.fire('schedule');
      await hop.read();
    };
    await hop.read();
    await fired(0);
    await fired(4);
    expect(told(hop)).toEqual([95]);
    await fired(6);
    expect(told(hop)).toEqual([95, 105]);
    await fired(100);
    expect(told(hop)).toEqual([95, 105]);
    await hop.event('echoes', 205, SECOND);
    await hop.event('echoes', 205, done('b', 0));
    await fired(0);
    expect(told(hop)).toEqual([95, 105, 205]);
  });

  it('is asked of no stream where it would be no news', async () => {
    const hop = hopAt(100);
    await hop.forward('signals', 100, [FIRST]);
    const listed = vi.spyOn(hop.engine.ports.shards, 'shardsOf');
    const lists = async (second: number) => {
      hop.engine.clock.advance(milliseconds(second * 1_000));
      listed.mockClear();
      await hop.engine.fire('schedule');
      await hop.read();
      return listed.mock.calls.length;
    };
    expect(await lists(0)).toBe(2);
    expect(await lists(0)).toBe(0);
    expect(await lists(4)).toBe(0);
    expect(await lists(6)).toBe(2);
    // Nothing came meanwhile.
    expect(await lists(100)).toBe(0);
  });

  it('is no matter to a job that has rows of all', async () => {
    const hop = hopAt(100, 'drained', sharedTasksJob());
    await hop.engine.fire('schedule');
    expect(told(hop)).toEqual([]);
  });
});
