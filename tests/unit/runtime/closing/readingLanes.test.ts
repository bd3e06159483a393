/** Which logs a run reads, in which order, and what it makes of those that it had no time for. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../../../../shared/index.ts';
import { type Duration, NO_WATERMARK } from '../../../../shared/model/time.ts';
import { LogTail, type Reading } from '../../../../shared/runtime/closing/logTail.ts';
import { readClosing } from '../../../../shared/state/closing/closing.ts';
import { appendCommit } from '../../../../shared/state/lane/laneLog.ts';
import { type EngineOptions, TestEngine } from '../../../support/engine.ts';
import { type Call, interceptedTable } from '../../../support/interceptedTable.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';
import { at, signal, tasksJob } from '../../../support/signals.ts';

const LANES = 40;
/** So many are read side by side. */
const AT_ONCE = 32;
const nameOf = (n: number): string => `s${String(n).padStart(2, '0')}`;
const LEISURELY: Reading = {
  pace: 'sideBySide',
  holdsBack: () => false,
  isDormant: () => false,
  hasTime: () => true,
};

/** Forty lanes, each a minute behind the one before it; notes the logs that are read. */
async function site(options: EngineOptions = {}) {
  const engine = new TestEngine(untyped(visitsJob()), options);
  for (let n = 0; n < LANES; n += 1) {
    const records = streamRecords([visit('/', 60 * (LANES - n))]);
    await engine.ingest(records, { shard: nameOf(n) });
  }
  const read: string[] = [];
  const table = interceptedTable(engine.state, { before: (call) => noteLog(call, read) });
  const tail = new LogTail(engine.job.id, table);
  const view = await readClosing(engine.state, engine.job.id);
  return { engine, tail, view, read };
}

function noteLog({ operation, partitions: [partition = ''] }: Call, read: string[]): void {
  if (operation === 'query' && partition.includes('#log#')) read.push(partition.slice(-3));
}

describe('a closing run', () => {
  it('reads logs side by side, and those that it has no time for count as unread', async () => {
    const { tail, view, read } = await site();
    const tails = await tail.read(view, { ...LEISURELY, hasTime: () => false });
    expect(read).toHaveLength(AT_ONCE);
    if (tails === 'heldBack') throw new Error('nothing holds back');
    expect(tails.size).toBe(LANES);
    expect([...tails.values()].filter(({ hasUnread }) => hasUnread)).toHaveLength(LANES - AT_ONCE);
    read.length = 0;
    await tail.read(view, { ...LEISURELY, hasTime: () => false });
    expect(read.slice(0, LANES - AT_ONCE).sort()).toEqual(
      Array.from({ length: LANES - AT_ONCE }, (_, n) => nameOf(AT_ONCE + n)),
    );
  });

  it('reads one lane on a nudge where that holds back, the slowest first, and few in vain', async () => {
    const { tail, view, read } = await site();
    await tail.read(view, LEISURELY);
    read.length = 0;
    const nudge = { ...LEISURELY, pace: 'oneByOne' } as const;
    expect(await tail.read(view, { ...nudge, holdsBack: () => true })).toBe('heldBack');
    expect(read).toEqual([nameOf(LANES - 1)]);
    read.length = 0;
    const isFourth = ({ name }: { name: string }) => name.endsWith(nameOf(LANES - 4));
    expect(await tail.read(view, { ...nudge, holdsBack: isFourth })).toBe('heldBack');
    expect(read).toHaveLength(4);
    read.length = 0;
    const isLast = ({ name }: { name: string }) => name.endsWith(nameOf(0));
    let groups = 1;
    const hasTime = () => {
      groups += 1;
      return true;
    };
    expect(await tail.read(view, { ...nudge, holdsBack: isLast, hasTime })).toBe('heldBack');
    expect(read).toHaveLength(LANES);
    expect(groups).toBeLessThanOrEqual(25);
  });

  it('gives what some lanes leave of their shares to the one that wants more', async () => {
    const { engine, tail, view } = await site();
    const [head] = await engine.commits(nameOf(7));
    for (let slot = 1; slot <= 6; slot += 1) {
      const deltas = randomBytes(300_000);
      await appendCommit(engine.state, engine.lane(nameOf(7)), { ...head, deltas, slot } as never);
    }
    const tails = await tail.read(view, LEISURELY);
    if (tails === 'heldBack') throw new Error('nothing holds back');
    expect(tails.get(`page-views/${nameOf(7)}`)).toMatchObject({ hasUnread: false });
    expect(tails.get(`page-views/${nameOf(7)}`)?.commits).toHaveLength(7);
  });

  it('comes to the end of any number of lanes in calls that have hardly any time', async () => {
    const { engine } = await site();
    const { close } = engine.cold;
    const first = await close('schedule', () => false);
    expect(first).toMatchObject({ watermark: NO_WATERMARK, hasMore: true, commitsRead: AT_ONCE });
    const second = await close('schedule', () => false);
    expect(second.watermark).toBe(T0 + 60_000);
  });

  describe('of a shard that was closed', () => {
    async function family({ silence }: { silence: Duration }) {
      const read: string[] = [];
      const parents = { [nameOf(1)]: [nameOf(0)] };
      const onState = { before: (call: Call) => noteLog(call, read) };
      const engine = new TestEngine(untyped(visitsJob()), { parents, onState });
      const put = (n: number, minute: number) =>
        engine.ingest(streamRecords([visit('/', 60 * minute)], { first: minute }), {
          shard: nameOf(n),
        });
      await put(0, 1);
      engine.clock.advance(silence);
      await put(1, 2);
      engine.clock.advance(minutes(2));
      const { close } = engine.cold;
      await close('schedule');
      /** How often the parent's log is read. */
      const readsIn = async (runs: number) => {
        read.length = 0;
        for (let run = 0; run < runs; run += 1) {
          engine.clock.advance(minutes(1));
          await close('schedule');
        }
        return read.filter((name) => name === nameOf(0)).length;
      };
      return { engine, close, put, readsIn };
    }

    it('reads a long silent lane every tenth minute only, and sees what it brings after all', async () => {
      const { engine, close, put, readsIn } = await family({ silence: minutes(0) });
      expect(await readsIn(10)).toBe(10);
      engine.clock.advance(hours(1));
      expect(await readsIn(10)).toBe(1);
      await put(0, 3);
      await readsIn(10);
      await close('endOfInput');
      expect(engine.answers().map(({ visits }) => visits)).toEqual([1, 1, 1]);
    });

    it('reads a lane each minute for an hour from then on, however long it was silent before', async () => {
      const { put, readsIn } = await family({ silence: hours(5) });
      await put(0, 3);
      expect(await readsIn(50)).toBe(50);
      expect(await readsIn(30)).toBeLessThan(20);
    });
  });
});

describe('a run that fires timers', () => {
  it('passes no lane that it had no time to read, and reads that first the next time', async () => {
    const shards = new TestEngine(tasksJob());
    await shards.put(nameOf(0), [signal('a', 'open', 0)]);
    for (let n = 1; n < LANES - 1; n += 1) {
      await shards.put(nameOf(n), [signal(`k${n}`, 'done', 500)]);
    }
    await shards.put(nameOf(LANES - 1), [signal('z', 'done', 59)]);
    const { fire } = shards.cold;
    const first = await fire('schedule', () => false);
    expect(first).toMatchObject({ watermark: NO_WATERMARK, hasMore: true });
    const second = await fire('schedule', () => false);
    expect(second.watermark).toBe(at(0));
    const third = await fire('schedule');
    expect(third).toMatchObject({ watermark: at(0), hasMore: false });
  });
});
