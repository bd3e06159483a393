/** A batch of a status job on several streams: rows, then sheets, then the commit, whatever goes wrong in between. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { hours } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { arrivalTime } from '../../../../shared/model/time.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Call, Interception } from '../../../support/interceptedTable.ts';
import { type RecordContent, streamRecords } from '../../../support/records.ts';
import { at, done, open, sharedTasksJob, signal } from '../../../support/signals.ts';
import { threw } from '../../../support/threw.ts';
import { faultAt, stateWrite } from '../../../support/writeFaults.ts';

const CONTENTS = [open('a', 0), open('b', 1), done('b', 2), open('c', 130), 'garbage'];

/** Everything that is stored, but for when. */
const storedBy = (shards: TestEngine) =>
  [...shards.state.items(), ...(shards.tables.get('tasks')?.items() ?? [])]
    .map(({ expiresAt: _x, ...item }: Item) => item)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('the order of effects', () => {
  it('is rows, then sheets, then the commit', async () => {
    const order: string[] = [];
    const shards = new TestEngine(sharedTasksJob(), {
      onState: { after: (call) => void order.push(stateWrite(call) ?? '') },
      onResults: { after: ({ operation }) => void order.push(operation === 'put' ? 'row' : '') },
    });
    await shards.put('s', CONTENTS);
    const writes = order.filter((each) => each !== '');
    expect(writes).toEqual(['lane', 'row', 'row', 'row', '#timers#', '#log#']);
  });

  it.each(
    [1, 2, 3, 4, 5, 6].flatMap((write) =>
      (['before', 'after', 'lost'] as const).map((how) => [write, how] as const),
    ),
  )('can be cut at write %i (%s): the retry brings the same', async (write, how) => {
    const plain = new TestEngine(sharedTasksJob());
    await plain.put('s', CONTENTS);
    const fault = faultAt(write, how);
    const onState: Interception = {
      before: (call) => fault.meet('before', stateWrite(call)),
      after: (call) => fault.meet('after', stateWrite(call)),
    };
    const rowWrite = ({ operation }: Call) => (operation === 'put' ? 'row' : undefined);
    const onResults: Interception = {
      before: (call) => fault.meet('before', rowWrite(call)),
      after: (call) => fault.meet('after', rowWrite(call)),
    };
    const shards = new TestEngine(sharedTasksJob(), { onState, onResults });
    await shards.put('s', CONTENTS).catch(() => {});
    expect(fault.isMet()).toBe(true);
    shards.coldStart();
    // Other boundaries on the retry.
    await shards.deliver('s', CONTENTS.slice(0, 2));
    await shards.deliver('s', CONTENTS);
    expect((await shards.head('s'))?.totals).toEqual((await plain.head('s'))?.totals);
    expect(shards.rows('tasks')).toEqual(plain.rows('tasks'));
    await plain.cold.fire('endOfInput');
    await shards.cold.fire('endOfInput');
    expect(shards.rows('tasks')).toEqual(plain.rows('tasks'));
    expect(shards.items('#timers#')).toEqual([]);
  });
});

describe('timer sheets', () => {
  it('note every live timer of every key of the batch, also of rows that do not change', async () => {
    const shards = new TestEngine(sharedTasksJob());
    await shards.put('s', [open('a', 0)]);
    const [sheet] = shards.items('#timers#');
    shards.state.remove({ pk: String(sheet?.['pk']), sk: String(sheet?.['sk']) });
    await shards.put('s', [open('a', 30), open('b', 20)]);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('tasks').map(({ status }) => status)).toEqual(['overdue', 'overdue']);
  });

  it('note nothing for a key whose answer no time changes', async () => {
    const shards = new TestEngine(sharedTasksJob());
    await shards.put('s', [open('a', 0), done('a', 1)]);
    expect(shards.items('#timers#')).toEqual([]);
  });
});

describe('a row', () => {
  it('is written once for all events of its key in a batch, and not when nothing changes', async () => {
    const puts: unknown[] = [];
    const onResults: Interception = {
      after: ({ operation, items }) => void (operation === 'put' && puts.push(items[0])),
    };
    const shards = new TestEngine(sharedTasksJob(), { onResults });
    await shards.put('s', [open('a', 5), open('a', 3), open('a', 9)]);
    expect(puts).toMatchObject([{ task: 'a', engine: { version: 1, state: { open: at(3) } } }]);
    await shards.put('s', [open('a', 3), open('a', 4)]);
    expect(puts).toHaveLength(1);
    expect((await shards.head('s'))?.totals.accepted).toBe(5);
  });

  it('never times out by what its own lane has come to: only the job watermark judges', async () => {
    const shards = new TestEngine(sharedTasksJob());
    await shards.put('s', [open('a', 0), open('b', 500), open('a', 501)]);
    expect(shards.rows('tasks').map(({ status }) => status)).toEqual(['open', 'open']);
  });

  it('is merged anew where others write it in between, as often as it takes', async () => {
    const shards = new TestEngine(sharedTasksJob(), {
      onResults: {
        async before({ operation, items: [item] }) {
          if (operation !== 'put' || others === 0) return;
          others -= 1;
          const rows = shards.tables.get('tasks');
          const engine = {
            version: 100 - others,
            arrival: shards.clock.now(),
            state: { open: at(-others) },
          };
          await rows?.put({ ...item, task: 'a', engine }, { kind: 'always' });
        },
      },
    });
    let others = 3;
    await shards.put('s', [done('a', 7)]);
    const [row] = [...(shards.tables.get('tasks')?.items() ?? [])];
    expect(row?.['engine']).toMatchObject({ version: 101, state: { open: at(0), done: at(7) } });
  });

  it('is left for a retry where others write it all the time', async () => {
    let version = 0;
    const shards = new TestEngine(sharedTasksJob(), {
      onResults: {
        async before({ operation, items: [item] }) {
          if (operation !== 'put') return;
          version += 1;
          const engine = { version, arrival: 1, state: { open: at(version) } };
          await shards.tables.get('tasks')?.put({ ...item, engine }, { kind: 'always' });
        },
      },
    });
    await expect(shards.put('s', [done('a', 7)])).rejects.toThrow(RetryableError);
    expect(await shards.head('s')).toBeUndefined();
  });

  it('may be read long out of date', async () => {
    const shards = new TestEngine(sharedTasksJob());
    await shards.put('s', [open('a', 3)]);
    const rows = shards.tables.get('tasks');
    const old = rows?.batchGet.bind(rows);
    const stale = (await old?.([{ pk: 'a', sk: '' }], 'strong')) ?? [];
    await shards.put('s', [done('a', 5)]);
    Object.assign(rows ?? {}, {
      batchGet: async (keys: never, consistency: string) =>
        consistency === 'eventual' ? stale : old?.(keys, 'strong'),
    });
    await shards.put('s', [open('a', 1), open('a', 3)]);
    const [row] = [...(rows?.items() ?? [])];
    expect(row).toMatchObject({
      status: 'done',
      engine: { version: 3, state: { open: at(1), done: at(5) } },
    });
  });
});

it('keeps the good events of a key of which one cannot be merged', async () => {
  const job = sharedTasksJob({
    merge(state, { kind, time }) {
      if (kind === 'bad') throw new Error('cannot be');
      return { open: Math.min(state.open ?? time, time) };
    },
  });
  const shards = new TestEngine(job);
  await shards.put('s', [open('a', 9), signal('a', 'bad', 5), open('a', 3)]);
  expect((await shards.head('s'))?.totals).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 1 });
  expect(await shards.side('s')).toMatchObject([{ reason: threw('cannot be') }]);
  expect(storedBy(shards).find((item) => item['task'] === 'a')).toMatchObject({
    engine: { state: { open: at(3) } },
  });
});

describe.each(['#log#', 'nowhere'])('a batch that comes again, or not: died at %s', (place) => {
  /** The records are one batch, from `from` on; the ones before it are another. */
  async function deliver(
    job: Job,
    contents: readonly RecordContent[],
    { arrivals, from }: { arrivals: readonly number[]; from: number },
  ) {
    let isArmed = false;
    const onState: Interception = {
      before({ operation, partitions: [partition = ''] }) {
        if (!isArmed || operation !== 'put' || !partition.includes(place)) return;
        isArmed = false;
        throw new RetryableError('died');
      },
    };
    const shards = new TestEngine(job, { onState });
    const records = streamRecords(contents).map((record, n) => ({
      ...record,
      arrival: arrivalTime(shards.clock.now() + (arrivals[n] ?? 0)),
    }));
    const ingest = shards.cold.ingest;
    const send = (batch: typeof records) =>
      ingest({ stream: 'signals', shard: 's', records: batch });
    await send(records.slice(0, from));
    isArmed = true;
    await send(records.slice(from)).catch(() => send(records.slice(from)));
    const [row] = storedBy(shards).filter((item) => item['task'] === 'a');
    return { shards, row };
  }

  it('forgets alike', async () => {
    const job = sharedTasksJob({ stateRetention: hours(1) });
    const contents = [open('a', 0), done('a', 5), open('a', 0), open('a', -5)];
    // The third says nothing new; the fourth comes longer after the first than is remembered.
    const arrivals = [0, 0, 3_600_000, 3_600_001];
    const { row } = await deliver(job, contents, { arrivals, from: 2 });
    expect(row).toHaveProperty('engine.state', { open: at(-5), done: at(5) });
  });

  it('finds the same event dead, also where it belongs to a state that is forgotten', async () => {
    const job = sharedTasksJob({
      stateRetention: hours(1),
      merge(state, { kind, time }) {
        if (kind === 'bad') throw new Error('cannot be');
        return { open: Math.min(state.open ?? time, time) };
      },
    });
    const contents = [open('a', 0), open('a', 1), signal('a', 'bad', 2), open('a', 9)];
    const { shards, row } = await deliver(job, contents, {
      arrivals: [0, 0, 0, 3_600_001],
      from: 1,
    });
    expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 3, dead: 1 });
    expect(row).toHaveProperty('engine.state', { open: at(9) });
  });
});

it('commits a thousand entries at a time', async () => {
  const shards = new TestEngine(sharedTasksJob());
  const contents = Array.from({ length: 2_001 }, (_, n) => done(`k${n % 10}`, n % 60));
  expect(await shards.put('s', contents)).toMatchObject({
    commits: 3,
    counts: { accepted: 2_001 },
  });
});
