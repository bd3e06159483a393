/** Dead letters that come back: which are let in, and what they are judged by, whatever comes between. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { hashKeyOf, WHOLE_RANGE } from '../../../../shared/model/hashRange.ts';
import { processingTime, watermarkAt } from '../../../../shared/model/time.ts';
import { encodeRedriven } from '../../../../shared/records/envelopes.ts';
import { admit } from '../../../../shared/state/lane/admissions.ts';
import { appendCommit, type Commit, readCommit } from '../../../../shared/state/lane/laneLog.ts';
import { editDigest, noteEdits } from '../../../../shared/state/lane/letterEdits.ts';
import { TestEngine } from '../../../support/engine.ts';
import { back, event, JOB, LANE, origin, position, withLetter } from '../../../support/letters.ts';
import { sequenceNumber } from '../../../support/records.ts';
import {
  at,
  gatedJob,
  knocksJob,
  sharedTasksJob,
  signal,
  tasksJob,
} from '../../../support/signals.ts';
import { aggregate } from '../../records/aggregate.ts';

describe('a redrive envelope', () => {
  const raw = event('late', 20);

  it('is let in where its commit holds the letter, by the watermark that stands there', async () => {
    const shards = await withLetter(raw);
    const { counts, watermark } = await shards.put('left', [back(raw)]);
    expect(counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 0 });
    expect(watermark).toBe(at(100));
  });

  it('is on time by that watermark in a status job with rows of problems', async () => {
    const rows = { of: 'problems', lateness: seconds(10), remember: seconds(10) } as const;
    const job = tasksJob({ rows }) as unknown as Job;
    const shards = await withLetter(event('k', 0), job);
    await shards.put('left', [signal('then', 'x', 100)]);
    const { counts } = await shards.put('left', [back(event('k', 0), { job: job.id })]);
    expect(counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 0 });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['other bytes', back(event('forged', 20)), /forged.*commit 1 of signals\/left holds no such/],
    ['more than the letter', back(Buffer.concat([raw, Buffer.from(' ')])), /forged/],
    ['another position', back(raw, { position: '9/9' }), /forged/],
    ['a commit without dead letters', back(raw, { slot: 0 }), /forged.*commit 0/],
    [
      'a commit that was never put',
      back(raw, { slot: 7 }),
      /commit 7 .* has expired, or .* forged/,
    ],
    ['another lane', back(raw, { lane: 'signals/right' }), /is not stored/],
    ['another stream', back(raw, { lane: 'others/left' }), /forged.*one of others/],
    ['no commit', back(raw, { slot: undefined }), /earlier version.*redrive the dead letter again/],
  ])('is a dead letter as it came where it has %s', async (_, envelope, reason) => {
    const shards = await withLetter(raw);
    const { counts } = await shards.put('left', [envelope]);
    expect(counts).toEqual({ accepted: 0, filtered: 0, late: 0, dead: 1 });
    const letter = (await shards.side('left')).at(-1);
    expect(letter?.reason).toMatch(reason);
    expect(Buffer.from(letter?.raw ?? [])).toEqual(Buffer.from(envelope));
    expect(letter?.watermark).toBe(at(100));
    // The letter itself can still come back.
    expect((await shards.put('left', [back(raw)])).counts).toMatchObject({ accepted: 1 });
  });

  it('says nothing of its own about lateness', async () => {
    const shards = await withLetter(event('long ago', -9_999));
    const bare = JSON.parse(Buffer.from(back(event('long ago', -9_999))).toString());
    const envelope = {
      ...bare,
      'tidemark:redrive': { ...bare['tidemark:redrive'], watermark: null },
    };
    expect((await shards.put('left', [envelope])).counts).toMatchObject({ accepted: 0, late: 1 });
  });

  it('is no way around lateness for an event that was only late', async () => {
    const shards = new TestEngine(JOB);
    await shards.put('left', [signal('a', 'x', 500), signal('b', 'x', 0)]);
    const [late] = await shards.side('left');
    expect(late?.kind).toBe('late');
    const copy = back(late?.raw ?? Buffer.of(), { position: late?.position ?? '', slot: 0 });
    expect((await shards.put('left', [copy])).counts).toMatchObject({ accepted: 0, dead: 1 });
  });

  it('may bring another event where that was noted for its letter, and for no other one', async () => {
    const shards = await withLetter(raw);
    const edited = event('edited', 30);
    const note = (payload: Uint8Array, of = position, slot = 1) =>
      noteEdits(shards.state, { lane: shards.lane('left'), slot, expiresAt: processingTime(1) }, [
        editDigest(of, payload),
      ]);
    await note(edited, '9/9');
    await note(edited, position, 0);
    await note(event('edited otherwise', 30));
    expect((await shards.put('left', [back(edited)])).counts).toMatchObject({ dead: 1 });
    await note(edited);
    const { counts } = await shards.put('left', [back(edited), back(raw), back(edited)]);
    expect(counts).toEqual({ accepted: 1, filtered: 2, late: 0, dead: 0 });
    // What it brought counts, on whichever shard its key lies.
    expect((await shards.put('left', [back(edited)])).counts).toMatchObject({ filtered: 1 });
  });

  it('has expired with its letter, unless it was let in before', async () => {
    for (const before of ['not let in', 'let in'] as const) {
      const shards = await withLetter(raw);
      const copy = { lane: shards.lane('left'), sequence: sequenceNumber(2), index: 0 };
      const judgedBy = { watermark: watermarkAt(at(90)) };
      if (before === 'let in') {
        await admit(shards.state, origin, copy, judgedBy, processingTime(1));
      }
      shards.state.remove({ pk: `${JOB.id}#log#${LANE}`, sk: '000000000001' });
      const { counts } = await shards.put('left', [back(raw), back(raw)]);
      expect(counts).toEqual(
        before === 'let in'
          ? { accepted: 0, filtered: 1, late: 1, dead: 0 }
          : { accepted: 0, filtered: 0, late: 0, dead: 2 },
      );
    }
  });

  it('that is refused is one dead letter, however much was read from it', async () => {
    const shards = await withLetter(raw);
    const { counts } = await shards.put('left', [back(Buffer.from('1\n2\n3'))]);
    expect(counts).toEqual({ accepted: 0, filtered: 2, late: 0, dead: 1 });
  });
});

/** As if the letters had expired before the rest of their commit. */
function withoutLetters({ state }: TestEngine): void {
  const commit = [...state.items()].find(
    ({ pk, sk }) => pk === `${JOB.id}#log#${LANE}` && sk === '000000000001',
  );
  const { id } = (commit?.['side'] ?? {}) as { id?: string };
  for (const { pk, sk } of [...state.items()]) {
    if (id !== undefined && String(sk).startsWith(id))
      state.remove({ pk: String(pk), sk: String(sk) });
  }
}

describe('a letter that gives several events', () => {
  const lines = Buffer.concat([event('a', 1), Buffer.from('\nno event\n'), event('b', 2)]);
  const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);
  const MIDDLE = 2n ** 127n;
  const L = keys.find((key) => hashKeyOf(key) < MIDDLE) as string;
  const R = keys.find((key) => hashKeyOf(key) >= MIDDLE) as string;
  const packed = aggregate([
    { partitionKey: L, data: event(L, 1) },
    { partitionKey: R, data: event(R, 2) },
  ]);

  it.each([
    ['gated window', gatedJob()],
    ['status', tasksJob()],
    ['status on two streams', sharedTasksJob()],
    ['pattern', knocksJob()],
  ])('is let in as a whole, once, in a %s job', async (_, of) => {
    const job = of as unknown as Job;
    const shards = await withLetter(lines, job);
    const copy = back(lines, { job: job.id });
    const { counts } = await shards.put('left', [copy, copy]);
    const taken = job.kind === 'pattern' ? { late: 2 } : { accepted: 2 };
    expect(counts).toEqual({ accepted: 0, late: 0, ...taken, filtered: 3, dead: 1 });
  });

  it('is judged the same where its commit ends between its events, and the letter is gone then', async () => {
    // Each key is blocked by its third, and a commit brings so many alerts.
    const texts = Array.from({ length: 12_600 }, (_, n) =>
      event(`key ${n % 4_200}`, n % 80).toString(),
    );
    const many = Buffer.from(texts.join('\n'));
    const whole = await withLetter(many);
    expect((await whole.put('left', [back(many)])).commits).toBeGreaterThan(1);

    let isDue = false;
    const cut: TestEngine = await withLetter(many, JOB, {
      onState: {
        after({ operation, partitions: [partition] }) {
          if (!isDue || operation !== 'put' || partition !== `${JOB.id}#log#${LANE}`) return;
          isDue = false;
          withoutLetters(cut);
          throw new RetryableError('the process ends after the first of its commits');
        },
      },
    });
    isDue = true;
    await expect(cut.put('left', [back(many)])).rejects.toThrow('the process ends');
    cut.coldStart();
    await cut.deliver('left', [back(many)], 2);
    expect((await cut.head('left'))?.totals).toEqual((await whole.head('left'))?.totals);
  });

  it('is let in by its first event or not at all', async () => {
    const shards = await withLetter(lines);
    const wrong = back(lines, { slot: 3 });
    // The first of its entries is committed before slot 3 is; then that slot holds what it claims.
    const lane = shards.lane('left');
    const holds = (await readCommit(shards.state, lane, 1)) as Commit;
    const head = (await shards.head('left')) as Commit;
    const to = { sequence: sequenceNumber(2), index: 0 };
    const side = holds.side as Uint8Array;
    await appendCommit(shards.state, lane, { ...head, slot: head.slot + 1, to, side });
    shards.coldStart();
    expect((await shards.put('left', [wrong])).counts).toMatchObject({ accepted: 0, filtered: 2 });
  });

  it('goes by the range of the shard on which it first stood, wherever it comes back', async () => {
    const left = { start: 0n, end: MIDDLE - 1n };
    const right = { start: MIDDLE, end: WHOLE_RANGE.end };
    for (const shard of ['left', 'right']) {
      const shards = await withLetter(packed, JOB, {}, left);
      shards.ranges['right'] = right;
      const { counts } = await shards.put(shard, [back(packed)]);
      const here = shard === 'left' ? { accepted: 1, dead: 0 } : { accepted: 0, dead: 1 };
      expect(counts).toEqual({ ...here, filtered: 1, misplaced: 1, late: 0 });
    }
  });

  it('gives each shard the keys that it decides on, and a letter of its own for each other one', async () => {
    const lines = Buffer.concat([event(L, 1), Buffer.from('\n'), event(R, 2)]);
    const shards = await withLetter(lines, JOB, {}, WHOLE_RANGE);
    shards.ranges['right'] = { start: MIDDLE, end: WHOLE_RANGE.end };
    const { counts } = await shards.put('right', [back(lines)]);
    expect(counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 1 });
    const [letter] = (await shards.side('right')).slice(-1);
    expect(letter).toMatchObject({
      reason: 'its key belongs to another shard of the stream: redrive it',
      // Of the letter that it comes from: it has not been judged yet.
      watermark: at(10),
    });
    expect(Buffer.from(letter?.raw ?? [])).toEqual(event(L, 1));
  });

  it('may come back on any shard in a job that keeps nothing there for a key', async () => {
    const job = sharedTasksJob() as unknown as Job;
    const shards = await withLetter(event(L, 1), job, {}, WHOLE_RANGE);
    shards.ranges['right'] = { start: MIDDLE, end: WHOLE_RANGE.end };
    const copy = encodeRedriven({ ...origin, job: job.id }, event(L, 1));
    expect((await shards.put('right', [copy])).counts).toMatchObject({ accepted: 1, dead: 0 });
  });

  it('waits for the range of that shard to be known, and holds up nothing', async () => {
    const job = sharedTasksJob() as unknown as Job;
    const shards = await withLetter(packed, job, {}, 'unknown');
    const { counts } = await shards.put('right', [
      back(packed, { job: job.id }),
      signal('x', 'x', 200),
    ]);
    expect(counts).toMatchObject({ accepted: 1, filtered: 1, dead: 1 });
    expect((await shards.side('right'))[0]?.reason).toMatch(/cannot be told now; redrive it again/);
    shards.ranges['left'] = WHOLE_RANGE;
    expect((await shards.put('right', [back(packed, { job: job.id })])).counts).toMatchObject({
      accepted: 2,
    });
  });
});

it('takes in a batch of nothing but copies, a bounded part at a time', async () => {
  const shards = await withLetter(event('a', 1));
  const copies = Array.from({ length: 2_300 }, (_, n) => back(event('a', n)));
  const report = await shards.put('left', copies);
  expect(report.commits).toBe(3);
  expect(report.counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 2_299 });
});
