/** Under which fences rows of a status job on one stream are put. */
import { describe, expect, it } from 'vitest';
import { fenceOf } from '../../../../shared/state/keyed/statusRows.ts';
import { TestEngine } from '../../../support/engine.ts';
import { signal, tasksJob } from '../../../support/signals.ts';

const SLOTS = 10 ** 10;

describe('a fence', () => {
  it('grows with slots, and from parent to child', () => {
    const all = [fenceOf(1, 0), fenceOf(1, SLOTS - 1), fenceOf(2, 0), fenceOf(900_719, 0)];
    expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
  });

  it.each([
    [1, SLOTS],
    [900_720, 0],
  ])('is none for generation %i, slot %i', (generation, slot) => {
    expect(() => fenceOf(generation, slot)).toThrow('has no fence');
  });
});

it("a child's row replaces one of a later slot of its parent", async () => {
  const shards = new TestEngine(tasksJob());
  for (let n = 0; n < 5; n += 1) await shards.put('s', [signal('a', 'open', -n)]);
  shards.parents['child'] = ['s'];
  shards.rest['s'] = 'ended';
  await shards.put('child', [signal('a', 'done', 5)]);
  expect(shards.rows('tasks')).toMatchObject([{ task: 'a', status: 'done' }]);
});
