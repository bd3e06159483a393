/** How lanes end and leave the list that every run reads, and what is still known of them then. */
import { beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../../cli/collect.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { days } from '../../../../shared/index.ts';
import type { Duration } from '../../../../shared/model/time.ts';
import { readClosing } from '../../../../shared/state/closing/closing.ts';
import {
  readClosingState,
  readLaneStatuses,
  readSideEvents,
} from '../../../../shared/state/inspect.ts';
import { createLane, FIRST_LANE, readLane } from '../../../../shared/state/lane/laneItem.ts';
import { type EngineOptions, TestEngine } from '../../../support/engine.ts';
import { untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

/** From when on streams have forgotten what a shard held whose child was opened just now. */
const FORGOTTEN: Duration = days(8);
const MS = 1 as Duration;

/** A job that counts visits, whose shard `old` was split into `left` and `right` a day ago. */
class Site {
  readonly engine: TestEngine;
  #second = 0;
  #next = 0;

  constructor(options: EngineOptions = {}) {
    const parents = { left: ['old'], right: ['old'] };
    this.engine = new TestEngine(untyped(visitsJob()), { parents, ...options });
  }

  /** A visit in a minute of its own, so that the window before it closes. */
  async visit(shard: string): Promise<void> {
    this.#second += 60;
    this.#next += 1;
    const records = streamRecords([visit('/', this.#second)], { first: this.#next });
    await this.engine.ingest(records, { shard });
  }

  close() {
    return this.engine.cold.close('schedule');
  }

  async listed(): Promise<string[]> {
    const { lanes } = await readClosing(this.engine.state, this.engine.job.id);
    return [...lanes.keys()].map((name) => name.replace('page-views/', ''));
  }

  /** Time passes, with visits on `left`, until the lane of `old` has ended. */
  async endOld(): Promise<void> {
    await this.visit('old');
    await this.visit('left');
    await this.close();
    this.engine.clock.advance(FORGOTTEN);
    await this.visit('left');
    await this.close();
  }

  async retireOld(): Promise<void> {
    await this.endOld();
    await this.visit('left');
    await this.close();
    await this.close();
  }

  async counts() {
    const lanes = await readLaneStatuses(this.engine.job.id, this.engine.state);
    return lanes.map(({ lane, standing, counts }) => [lane.shard, standing, counts.accepted]);
  }
}

describe('a lane of a window job', () => {
  it('is ended when streams have forgotten all that its shard held, and not a millisecond before', async () => {
    const site = new Site();
    await site.visit('old');
    await site.visit('left');
    site.engine.clock.advance((FORGOTTEN - 1) as Duration);
    await site.close();
    expect((await site.engine.commits('old')).at(-1)?.ended).toBeUndefined();
    site.engine.clock.advance(MS);
    await site.close();
    expect((await site.engine.commits('old')).at(-1)).toMatchObject({
      ended: true,
      totals: { accepted: 1 },
    });
  });

  it('is then merged, and taken off the list; what it counted is still known', async () => {
    const site = new Site();
    await site.endOld();
    expect(await site.listed()).toEqual(['left', 'old']);
    await site.visit('left');
    await site.close();
    await site.close();
    expect(await site.listed()).toEqual(['left']);
    expect(await readLane(site.engine.state, site.engine.lane('old'))).toBeUndefined();
    expect(await site.counts()).toEqual([
      ['left', 'listed', 3],
      ['old', 'retired', 1],
    ]);
    await site.visit('left');
    await site.close();
    const { lanes } = await readClosingState(site.engine.job.id, site.engine.state);
    expect([...lanes.keys()]).toEqual(['page-views/left']);
    expect(site.engine.answers().map(({ visits }) => visits)).toEqual([1, 1, 1, 1]);
  });

  it('stays while no child tells that its shard is closed', async () => {
    const site = new Site({ parents: {} });
    await site.retireOld();
    site.engine.clock.advance(days(60));
    await site.close();
    expect(await site.listed()).toEqual(['left', 'old']);
  });

  it('stays while the job watermark is behind its own', async () => {
    const site = new Site();
    await site.engine.ingest(streamRecords([visit('/', 9 * 60)]), { shard: 'old' });
    await site.retireOld();
    expect((await site.engine.commits('old')).at(-1)?.ended).toBe(true);
    expect(await site.listed()).toEqual(['left', 'old']);
    for (let i = 0; i < 8; i += 1) await site.visit('left');
    await site.close();
    await site.close();
    expect(await site.listed()).toEqual(['left']);
  });

  it('is retired, also where the shards after it were passed over without a record', async () => {
    const parents = { between: ['old'], left: ['between'] };
    const site = new Site({ parents });
    await site.retireOld();
    expect(await site.listed()).toEqual(['left']);
  });

  it('is retired where its child is of an older format, by when that was last heard', async () => {
    const site = new Site();
    await site.visit('old');
    await createLane(site.engine.state, site.engine.lane('left'), {
      ...FIRST_LANE,
      parents: ['old'],
    });
    await site.visit('left');
    site.engine.clock.advance(FORGOTTEN);
    await site.visit('right');
    for (let i = 0; i < 4; i += 1) await site.close();
    expect(await site.listed()).toEqual(['left', 'right']);
  });

  it('ends before its children are retired, which alone say that it is closed', async () => {
    const parents = { left: ['old'], leaf: ['left'] };
    const site = new Site({ parents });
    await site.visit('old');
    await site.visit('left');
    await site.visit('leaf');
    site.engine.clock.advance(FORGOTTEN);
    for (let i = 0; i < 5; i += 1) {
      await site.visit('leaf');
      await site.close();
    }
    expect(await site.listed()).toEqual(['leaf']);
  });

  it('keeps its late events and dead letters in sight', async () => {
    const site = new Site();
    await site.engine.ingest(streamRecords(['broken']), { shard: 'old' });
    await site.retireOld();
    const side = await collect(readSideEvents(site.engine.job.id, site.engine.state));
    expect(side).toMatchObject([{ kind: 'dead', lane: 'page-views/old' }]);
  });
});

describe('a record of a retired lane', () => {
  let site: Site;
  const again = () => site.engine.ingest(streamRecords([visit('/', 60)], { first: 1 }), OLD);
  const OLD = { shard: 'old' };

  beforeEach(async () => {
    site = new Site();
    await site.retireOld();
    site.engine.coldStart();
  });

  function forgetLog(): void {
    for (const item of [...site.engine.state.items()]) {
      const pk = String(item['pk']);
      if (pk.endsWith('#log#page-views/old'))
        site.engine.state.remove({ pk, sk: String(item['sk']) });
    }
  }

  it('is dropped when it comes once more', async () => {
    expect(await again()).toMatchObject({ commits: 0 });
  });

  it('is dropped when the log has expired, also if its older part is left', async () => {
    site.engine.clock.advance(days(20));
    site.engine.state.remove({ pk: 'visits@1#log#page-views/old', sk: '000000000001' });
    expect(await again()).toMatchObject({ commits: 0 });
    forgetLog();
    site.engine.coldStart();
    expect(await again()).toMatchObject({ commits: 0 });
    expect(await site.listed()).toEqual(['left']);
  });

  it('that was never read is an error, and not forgotten in silence', async () => {
    const late = streamRecords([visit('/', 60)], { first: 90 });
    await expect(site.engine.ingest(late, OLD)).rejects.toThrow(InvariantViolation);
    forgetLog();
    site.engine.coldStart();
    await expect(site.engine.ingest(late, OLD)).rejects.toThrow(InvariantViolation);
  });

  it('opens no lane anew: an item that a zombie left is removed, and nothing is merged twice', async () => {
    const before = site.engine.answers();
    await createLane(site.engine.state, site.engine.lane('old'), { ...FIRST_LANE, parents: [] });
    await site.visit('left');
    await site.close();
    await site.visit('left');
    await site.close();
    expect(await site.listed()).toEqual(['left']);
    expect(site.engine.answers().slice(0, before.length)).toEqual(before);
    expect(await site.counts()).toContainEqual(['old', 'retired', 1]);
  });
});

describe('a run that dies while it retires a lane', () => {
  it.each([
    ['before anything is kept', 'put', 'before'],
    ['once it is kept', 'put', 'after'],
    ['once it is off the list', 'batchRemove', 'after'],
  ] as const)('%s leaves it to the next', async (_, operation, moment) => {
    let isArmed = false;
    const die = (call: { operation: string; partitions: readonly string[] }) => {
      const isIt = call.operation === 'put' ? call.partitions[0]?.endsWith('#retired') : true;
      if (!isArmed || call.operation !== operation || !isIt) return;
      isArmed = false;
      throw new Error('the process died');
    };
    const site = new Site({ onState: { [moment]: die } });
    await site.endOld();
    await site.visit('left');
    await site.close();
    isArmed = true;
    await expect(site.close()).rejects.toThrow('the process died');
    for (let i = 0; i < 3; i += 1) {
      await site.visit('left');
      await site.close();
    }
    expect(await site.listed()).toEqual(['left']);
    expect(await site.counts()).toContainEqual(['old', 'retired', 1]);
    expect(site.engine.answers().map(({ visits }) => visits)).toEqual(Array(6).fill(1));
  });
});
