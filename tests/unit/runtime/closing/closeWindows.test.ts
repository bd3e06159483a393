/** Closing over the memory table: rows, revisions, leases, and what a run that died leaves behind. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../../shared/errors.ts';
import { minutes, seconds, sliding } from '../../../../shared/index.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import { T0 } from '../../../support/jobs.ts';
import { A, B, LATENESS, Site } from '../../../support/site.ts';

describe('a window', () => {
  it('has no row before the watermark reaches its end', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [59, 'a'],
    ]);
    expect(await site.close('schedule')).toMatchObject({
      outcome: 'nothingDue',
      // How far the job has come, though nothing is stored: what the lag metric stands on.
      watermark: T0 + 59_000,
      rowsWritten: 0,
    });
    expect(site.shown()).toEqual([]);
    await site.visits([[60, 'b']]);
    expect(await site.close('schedule')).toMatchObject({
      outcome: 'closed',
      watermark: T0 + 60_000,
      windowsClosed: 1,
      rowsWritten: 1,
      commitsRead: 2,
    });
    expect(site.shown()).toEqual([[1, { a: 2 }, 0, true]]);
  });

  it('has a row with the times of the window and what the job says', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.close('schedule');
    expect(site.rows()).toEqual([
      {
        site: 'all',
        windowStart: '2017-11-26T01:00:00.000Z',
        windowEnd: '2017-11-26T01:01:00.000Z',
        visits: 1,
        pages: { a: 1 },
        final: true,
        revision: 0,
      },
    ]);
  });

  it('without content has none', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [600, 'b'],
    ]);
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, true]]);
  });

  it('waits for the slowest lane', async () => {
    const site = new Site();
    await site.visits(
      [
        [5, 'a'],
        [200, 'a'],
      ],
      A,
    );
    await site.visits(
      [
        [10, 'b'],
        [59, 'b'],
      ],
      B,
    );
    await site.close('schedule');
    expect(site.shown()).toEqual([]);
    await site.visits([[61, 'b']], B);
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1, b: 2 }, 0, true]]);
  });
});

describe('a revision', () => {
  it('is raised only when the content differs; `final` alone raises none', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
    await site.visits([[30, 'a']]);
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 2 }, 1, false]]);
    await site.visits([[120, 'c']]);
    await site.close('schedule');
    expect(site.shown()).toEqual([
      [1, { a: 2 }, 1, true],
      [2, { b: 1 }, 0, false],
    ]);
  });

  it('is not raised by running again', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    for (let i = 0; i < 3; i += 1) await site.cold.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
  });

  it('follows a lane that comes back from idleness', async () => {
    const site = new Site();
    await site.visits([[10, 'b']], B);
    site.clock.advance(seconds(61));
    await site.visits(
      [
        [5, 'a'],
        [130, 'a'],
      ],
      A,
    );
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1, b: 1 }, 0, false]]);
    await site.visits([[50, 'c']], B);
    await site.close('schedule');
    expect(site.shown()[0]).toEqual([1, { a: 1, b: 1, c: 1 }, 1, false]);
  });

  it('shows an event in the windows that still take it, and not in the others', async () => {
    const site = new Site({ assign: sliding({ size: minutes(3), slide: minutes(1) }) });
    await site.visits([
      [5, 'a'],
      [130, 'now'],
      [6, 'late'],
    ]);
    await site.close('endOfInput');
    expect(site.shown().map(([end, pages]) => [end, pages])).toEqual([
      [1, { a: 1 }],
      [2, { a: 1 }],
      [3, { a: 1, late: 1, now: 1 }],
      [4, { now: 1 }],
      [5, { now: 1 }],
    ]);
  });
});

describe('the end of the input', () => {
  it('closes every window that has content, and leaves nothing to do', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [70, 'b'],
    ]);
    await site.close('endOfInput');
    expect(site.shown().map(([end]) => end)).toEqual([1, 2]);
    expect(await site.close('endOfInput')).toMatchObject({ outcome: 'nothingDue' });
  });

  it('is followed by the clock on a stream that merely fell silent', async () => {
    const site = new Site();
    await site.visits([[5, 'a']]);
    site.clock.advance(minutes(5));
    await site.close('schedule');
    expect(site.shown()).toEqual([]);
    site.clock.advance(seconds(1));
    await site.close('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
  });
});

it('refuses a job whose windows changed under the same version, also when every commit is merged', async () => {
  const site = new Site();
  await site.visits([
    [5, 'a'],
    [60, 'b'],
  ]);
  await site.close('endOfInput');
  const rows = site.shown();
  const { state, results, clock } = site;
  const changed = new Site(
    { assign: sliding({ size: minutes(2), slide: minutes(1) }) },
    { state, results, clock },
  );
  await expect(changed.close('endOfInput')).rejects.toThrow(JobDefinitionError);
  expect(site.shown()).toEqual(rows);
});

it('knows nothing of a job without lanes', async () => {
  const site = new Site();
  expect(await site.close('schedule')).toMatchObject({
    outcome: 'nothingDue',
    watermark: NO_WATERMARK,
  });
  expect([...site.state.items()]).toEqual([]);
});

it('does not wait for a parent shard, nor lose what it held', async () => {
  const site = new Site({}, { parents: { [B]: [A] } });
  await site.visits([[5, 'a']], A);
  site.clock.advance(seconds(61));
  await site.visits(
    [
      [30, 'b'],
      [61, 'b'],
    ],
    B,
  );
  await site.close('schedule');
  expect(site.shown()).toEqual([[1, { a: 1, b: 1 }, 0, true]]);
});
