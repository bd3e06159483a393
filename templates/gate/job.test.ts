/** newJob: events in, counts and blocks out, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import {
  BATCH_SIZES,
  type BatchSize,
  crash,
  play,
  redeliver,
  type ScenarioStep,
} from '../../tests/support/scenario.ts';
import { newJob } from './job.ts';

/** What the job does not look at. */
const OTHERS = { action: 'view' };

/** The day before the test clock begins. */
const at = (clock: string, userId = 'u1') => ({
  ...OTHERS,
  userId,
  timestamp: Date.parse(`2017-11-25T${clock}Z`),
});

async function answers(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const { engine, surprises } = await play(newJob.build(), steps, batchSize);
  expect(surprises).toEqual([]);
  // Neither a late event nor a dead letter, whose reason says what is wrong with it.
  expect((await engine.side()).map(({ kind, reason }) => ({ kind, reason }))).toEqual([]);
  return {
    blocked: engine.rows('new-job-blocked'),
    counts: engine.rows('new-job').map(({ userId, events }) => [userId, events]),
  };
}

const EVENTS = [
  at('09:00:00'),
  at('09:00:01'),
  at('09:00:02'),
  at('09:00:02', 'u2'),
  at('09:00:03'),
  at('09:00:04'),
];
const ANSWERS = {
  blocked: [{ userId: 'u1', day: '2017-11-25', blockedAt: '2017-11-25T09:00:03.000Z' }],
  counts: [
    ['u1', 3],
    ['u2', 1],
  ],
};

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each<[string, ScenarioStep[]]>([
    ['as they come', EVENTS],
    ['with a crash', [...EVENTS.slice(0, 2), crash('after'), ...EVENTS.slice(2)]],
    ['with redeliveries', [...EVENTS, redeliver(4)]],
  ])('counts what passes and blocks the rest, %s', async (_, steps) => {
    expect(await answers(steps, batchSize)).toEqual(ANSWERS);
  });

  it.each([
    [3, 0],
    [4, 1],
  ])('lets three events of a day pass: of %i it blocks %i', async (sent, blocked) => {
    const steps = EVENTS.slice(0, 1).concat(Array.from({ length: sent - 1 }, () => at('09:30:00')));
    expect((await answers(steps, batchSize)).blocked).toHaveLength(blocked);
  });
});
