/** What one commit takes of a batch is bounded by what costs something, and progress is stored between the parts. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../shared/job/job.ts';
import { encodeRedriven } from '../../../../shared/records/envelopes.ts';
import { admissionPartition } from '../../../../shared/state/keys.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Call } from '../../../support/interceptedTable.ts';
import { untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { sequenceNumber, streamRecords } from '../../../support/records.ts';
import { knocksJob, signal, tasksJob } from '../../../support/signals.ts';

const WINDOW = 110_000;
const VISITS = untyped(visitsJob());

describe('a batch of more entries than are decoded at once', () => {
  it('is committed a part at a time, and gone on with within its record when time runs out', async () => {
    const engine = new TestEngine(VISITS);
    const records = streamRecords(['a\n'.repeat(2 * WINDOW + 5), visit('a', 1)]);
    // There is time for the first part only.
    const times = [60_000, 0];
    const first = await engine.ingest(records, { remainingMs: () => times.shift() ?? 0 });
    expect(first).toMatchObject({ commits: 1, firstUnprocessed: sequenceNumber(0) });
    expect(first.counts.dead).toBe(WINDOW);
    engine.coldStart();
    const rest = await engine.ingest(records);
    expect(rest).toMatchObject({ commits: 2, counts: { accepted: 1, dead: WINDOW + 5 } });
    const [commit] = (await engine.commits()).slice(-1);
    expect(commit?.totals).toMatchObject({ accepted: 1, dead: 2 * WINDOW + 5 });
  });
});

describe('a commit of a keyed job', () => {
  const rubbish = 'no event\n'.repeat(5_000);
  it.each([
    ['status', tasksJob(), 2_500],
    ['pattern', knocksJob(), 5_000],
  ] as [string, Job, number][])(
    'takes so many events in a %s job, whatever is between them',
    async (_, job, most) => {
      for (const [events, commits] of [
        [most - 1, 1],
        [most, 1],
        [most + 1, 2],
      ] as const) {
        const engine = new TestEngine<Job>(job);
        const half = Math.floor(events / 2);
        const lines = (from: number, to: number) =>
          Array.from({ length: to - from }, (__, i) => signal(`k${from + i}`, 'knock', 0));
        const records = streamRecords([rubbish, lines(0, half), rubbish, lines(half, events)]);
        const report = await engine.ingest(records);
        expect(report).toMatchObject({ commits, counts: { accepted: events, dead: 10_000 } });
      }
    },
  );
});

it('a commit admits a thousand redriven events', async () => {
  let puts = 0;
  const perCommit: number[] = [];
  const count = ({ operation, partitions: [partition = ''] }: Call) => {
    if (operation !== 'put') return;
    if (partition === admissionPartition(VISITS.id)) puts += 1;
    if (!partition.includes('#log#')) return;
    perCommit.push(puts);
    puts = 0;
  };
  const engine = new TestEngine(VISITS, { onState: { before: count } });
  await engine.ingest(streamRecords([Array(2_500).fill('no').join('\n')]));
  const envelopes = (await engine.side()).map(({ lane, position, raw }) =>
    Buffer.from(encodeRedriven({ job: VISITS.id, lane, position, slot: 0 }, raw)).toString(),
  );
  const report = await engine.ingest(streamRecords([envelopes.join('\n')], { first: 1 }));
  expect(report.counts.dead).toBe(2_500);
  expect(perCommit).toEqual([0, 1_000, 1_000, 500]);
});

it('folds entries of a large effect few times, however many commits they take', async () => {
  let folded = 0;
  const pageOf = ({ page }: { page: string }) => {
    folded += 1;
    return page;
  };
  const engine = new TestEngine(untyped(visitsJob({ pageOf })));
  // 48 bytes each that do not deflate: about 7,600 fit a commit.
  const events = 100_000;
  const pages = Array.from({ length: events }, () => visit(randomBytes(36).toString('base64'), 1));
  const report = await engine.ingest(streamRecords([pages]));
  expect(report.counts.accepted).toBe(events);
  expect(report.commits).toBeGreaterThan(10);
  expect(folded).toBeLessThan(5 * events);
});
