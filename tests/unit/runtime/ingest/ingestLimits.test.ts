/** What a batch may hold and how long it may take: prefixes, side output in chunks, the time-out, the largest batches. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import { encodeRedriven } from '../../../../shared/records/envelopes.ts';
import { admissionPartition } from '../../../../shared/state/keys.ts';
import { SHARD, TestEngine } from '../../../support/engine.ts';
import type { Call } from '../../../support/interceptedTable.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { bytesOf, sequenceNumber, streamRecords } from '../../../support/records.ts';

const JOB = untyped(visitsJob());
const NOTHING = { accepted: 0, filtered: 0, late: 0, dead: 0 };

/** The answers of all commits: a flush closes what is there. */
async function answersOf(engine: TestEngine) {
  await engine.close('endOfInput');
  return engine.answers().map(({ windowEnd, pages }) => [windowEnd, pages]);
}

describe('a commit that would not fit an item', () => {
  it('becomes several prefixes, a packed record cut in the middle among them', async () => {
    const engine = new TestEngine(JOB);
    // Random text does not deflate: 12,000 ids of 64 characters are about 600 KB.
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const packed = [0, 1, 2].map((n) =>
      pages.slice(n * 4_000, (n + 1) * 4_000).map((page) => visit(page, 1)),
    );
    const report = await engine.ingest(streamRecords(packed));
    const commits = await engine.commits();
    expect(report.counts.accepted).toBe(12_000);
    expect(report.commits).toBe(commits.length);
    expect(commits.length).toBeGreaterThan(1);
    expect(commits.some(({ to }) => to && to.index > 0 && to.index < 3_999)).toBe(true);
    for (const item of engine.state.items()) expect(itemBytes(item)).toBeLessThan(400 * 1024);
    expect(commits.map(({ slot }) => slot)).toEqual([...commits.keys()]);
    expect(await engine.ingest(streamRecords(packed))).toMatchObject({ commits: 0 });
  });

  it('buries an event whose effect alone is too large, and counts its neighbours', async () => {
    const engine = new TestEngine(JOB);
    const huge = randomBytes(400_000).toString('base64');
    const records = streamRecords([visit('a', 1), visit(huge, 2), visit('b', 3)]);
    const report = await engine.ingest(records);
    expect(report.counts).toEqual({ ...NOTHING, accepted: 2, dead: 1 });
    const [buried] = await engine.side();
    expect(buried).toMatchObject({ kind: 'dead', reason: expect.stringContaining('does not fit') });
    expect(await answersOf(engine)).toEqual([['2017-11-26T01:01:00.000Z', { a: 1, b: 1 }]]);
    expect(await engine.ingest(records)).toMatchObject({ commits: 0 });
  });

  it('goes on in the middle of a record that a dead function had begun', async () => {
    let puts = 0;
    const engine = new TestEngine(JOB, {
      onState: {
        before: ({ operation, partitions }) => {
          if (operation !== 'put' || !partitions[0]?.includes('#log#')) return;
          puts += 1;
          if (puts === 2) throw new RetryableError('throttled');
        },
      },
    });
    const pages = Array.from({ length: 8_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords([pages.map((page) => visit(page, 1))]);
    await expect(engine.ingest(records)).rejects.toThrow(RetryableError);
    engine.coldStart();
    await engine.ingest(records);
    const commits = await engine.commits();
    expect(commits.at(-1)?.totals.accepted).toBe(8_000);
  });
});

describe('side output', () => {
  it('stays in the commit while it is small', async () => {
    const engine = new TestEngine(JOB);
    await engine.ingest(streamRecords(['broken', visit('a', 100), visit('late', 1)]));
    const [commit] = await engine.commits();
    expect(commit?.side).toBeInstanceOf(Uint8Array);
    expect(await engine.side()).toMatchObject([
      {
        kind: 'dead',
        position: `${sequenceNumber(0)}/0`,
        partitionKey: 'key-0',
        lane: `page-views/${SHARD}`,
      },
      { kind: 'late', eventTime: T0 + 1_000, watermark: T0 + 100_000 },
    ]);
  });

  it('takes 6 MB of garbage in one batch, in chunks beside the commit, byte for byte', async () => {
    const engine = new TestEngine(JOB);
    const garbage = Array.from({ length: 60 }, () => {
      const bytes = randomBytes(100_000);
      return bytes.map((byte) => (byte === 0x0a ? 0xff : byte));
    });
    const report = await engine.ingest(streamRecords(garbage));
    expect(report.counts.dead).toBe(60);
    const [commit] = await engine.commits();
    expect(commit?.side).toMatchObject({ chunks: expect.any(Number) });
    for (const item of engine.state.items()) expect(itemBytes(item)).toBeLessThan(400 * 1024);
    const raw = (await engine.side()).map((event) => Buffer.from(event.raw));
    expect(raw.every((bytes, i) => bytes.equals(Buffer.from(garbage[i] ?? [])))).toBe(true);
  });
});

describe('near the time-out', () => {
  it('commits what is done, names the first unprocessed record, and the next try goes on', async () => {
    const engine = new TestEngine(JOB);
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords(pages.map((page) => visit(page, 1)));
    const times = [30_000, 2_999];
    const report = await engine.ingest(records, { remainingMs: () => times.shift() ?? 0 });
    const { to } = (await engine.commits()).at(-1) ?? {};
    const next = records.findIndex(({ sequence }) => sequence === to?.sequence) + 1;
    expect(report.commits).toBe(1);
    expect(report.firstUnprocessed).toBe(sequenceNumber(next));
    const rest = await engine.ingest(records.slice(next));
    expect(rest.firstUnprocessed).toBeUndefined();
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(12_000);
  });

  it('names the record it stopped in, when that is a packed one', async () => {
    const engine = new TestEngine(JOB);
    const pages = Array.from({ length: 12_000 }, () => randomBytes(48).toString('base64'));
    const records = streamRecords([pages.map((page) => visit(page, 1))]);
    const times = [30_000, 0];
    const report = await engine.ingest(records, { remainingMs: () => times.shift() ?? 0 });
    expect(report).toMatchObject({ commits: 1, firstUnprocessed: sequenceNumber(0) });
    await engine.ingest(records);
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(12_000);
  });

  it('does nothing when there is no time at all', async () => {
    const engine = new TestEngine(JOB);
    const report = await engine.ingest(streamRecords([visit('a', 1)]), { remainingMs: () => 10 });
    expect(report).toMatchObject({ commits: 0, firstUnprocessed: sequenceNumber(0) });
  });
});

describe('limits', () => {
  it('takes a batch of 10,000 records', async () => {
    const engine = new TestEngine(JOB);
    const records = streamRecords(
      Array.from({ length: 10_000 }, (_, i) => visit(`p${i % 50}`, i % 50)),
    );
    expect(await engine.ingest(records)).toMatchObject({
      commits: 1,
      counts: { accepted: 10_000 },
    });
  });

  it('takes a batch of 6 MB in packed records of 1 MB', async () => {
    const engine = new TestEngine(JOB);
    const event = visit('a page with a name of some length, as they come', 1);
    const perRecord = Math.floor((1024 * 1024) / (bytesOf(event).length + 1));
    const packed = Array.from({ length: perRecord }, () => event);
    const report = await engine.ingest(streamRecords(Array(6).fill(packed)));
    expect(report).toMatchObject({ commits: 1, counts: { accepted: 6 * perRecord } });
  });

  it('admits a batch of redriven events several at a time, and of each origin the first copy', async () => {
    let underWay = 0;
    let most = 0;
    let requests = 0;
    const isAdmission = ({ partitions }: Call) => partitions[0] === admissionPartition(JOB.id);
    const engine = new TestEngine(JOB, {
      onState: {
        async before(call) {
          if (!isAdmission(call)) return;
          requests += 1;
          underWay += 1;
          most = Math.max(most, underWay);
          await setImmediate();
        },
        after(call) {
          if (isAdmission(call)) underWay -= 1;
        },
      },
    });
    await engine.ingest(streamRecords(Array(400).fill('no visit')));
    const copies = (await engine.side()).map(({ lane, position, raw }) =>
      encodeRedriven({ job: JOB.id, lane, position, slot: 0 }, raw),
    );
    const [first = Buffer.of()] = copies;
    const report = await engine.ingest(streamRecords([...copies, first], { first: 400 }));
    expect(report.counts).toEqual({ accepted: 0, filtered: 1, late: 0, dead: 400 });
    expect({ most, requests }).toEqual({ most: 8, requests: 400 });
  });

  it('dead-letters a single line of 1 MB', async () => {
    const engine = new TestEngine(JOB);
    const line = JSON.stringify({ page: randomBytes(500_000).toString('hex') });
    expect(await engine.ingest(streamRecords([line]))).toMatchObject({ counts: { dead: 1 } });
  });
});
