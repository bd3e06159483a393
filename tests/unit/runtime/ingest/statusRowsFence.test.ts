/** Rows that are put late, or into a table that somebody else has written: their fence says which commit they follow from. */
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { seconds } from '../../../../shared/index.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Interception } from '../../../support/interceptedTable.ts';
import { done, open, tasksJob } from '../../../support/signals.ts';

const ALL = tasksJob();
const PROBLEMS = tasksJob({
  rows: { of: 'problems', lateness: seconds(60), remember: seconds(120) },
});

/** Holds up the first row that is put, until it is let go. */
function heldUp() {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let isFirst = true;
  const onResults: Interception = {
    async before({ operation }) {
      if (operation !== 'put' || !isFirst) return;
      isFirst = false;
      held.resolve();
      await released.promise;
    },
  };
  return { onResults, isHeld: held.promise, release: released.resolve };
}

describe('the rows of a zombie', () => {
  it.each([
    ['all', ALL],
    ['problems', PROBLEMS],
  ])('that come late change nothing: of %s', async (_, job) => {
    const { onResults, isHeld, release } = heldUp();
    const shards = new TestEngine(job, { onResults });
    // `a` is overdue with the first of these.
    const contents = [[open('a', 0), open('b', 90)], done('a', 5)];
    const zombie = shards.deliver('s', contents.slice(0, 1));
    await isHeld;
    shards.coldStart();
    await shards.deliver('s', contents);
    const before = [...shards.results.items()];
    expect(shards.rows('tasks')[0]).toMatchObject({ task: 'a', status: 'done' });
    release();
    expect(await zombie).toMatchObject({ commits: 1 });
    expect([...shards.results.items()]).toEqual(before);
  });

  it('of which none is there yet are put by whoever comes first', async () => {
    const { onResults, isHeld, release } = heldUp();
    const shards = new TestEngine(ALL, { onResults });
    const zombie = shards.deliver('s', [open('a', 0)]);
    await isHeld;
    shards.coldStart();
    await shards.deliver('s', [open('a', 0), open('b', 1)]);
    expect(shards.rows('tasks').map(({ task }) => task)).toEqual(['a', 'b']);
    release();
    await zombie;
  });
});

describe('a table with rows of a state that was deleted', () => {
  it.each([
    ['all', ALL],
    ['problems', PROBLEMS],
  ])('is not written in silence: rows of %s', async (_, job) => {
    const before = new TestEngine(job);
    await before.put('s', [done('z', 0)]);
    await before.put('s', [open('a', 1), open('b', 2), open('c', 90)]);
    const shards = new TestEngine(job, { results: before.results });
    const rows = [...shards.results.items()];
    const contents = [open('a', 0), open('c', 90)];
    for (let tries = 0; tries < 2; tries += 1) {
      const trying = shards.deliver('s', contents);
      await expect(trying).rejects.toThrow(InvariantViolation);
      await expect(trying).rejects.toThrow(
        /^tasks@1 on signals\/s: the row of a in tasks is from a later commit .*state was deleted/,
      );
      shards.coldStart();
    }
    expect(await shards.commits('s')).toHaveLength(1);
    expect([...shards.results.items()]).toEqual(rows);
  });
});
