/** newJob: events in, alerts out, in the order of event time whatever the order of arrival. */
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

async function alerts(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const { engine, surprises } = await play(newJob.build(), steps, batchSize);
  expect(surprises).toEqual([]);
  // Neither a late event nor a dead letter, whose reason says what is wrong with it.
  expect((await engine.side()).map(({ kind, reason }) => ({ kind, reason }))).toEqual([]);
  return engine.answers().map(({ userId, firstAt, lastAt }) => [userId, firstAt, lastAt]);
}

const EVENTS = [at('09:00:00'), at('09:00:02'), at('09:00:02', 'u2'), at('09:00:01')];
const ALERTS = [['u1', '2017-11-25T09:00:00.000Z', '2017-11-25T09:00:02.000Z']];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each<[string, ScenarioStep[]]>([
    ['as they come', EVENTS],
    ['with a crash', [...EVENTS.slice(0, 2), crash('after'), ...EVENTS.slice(2)]],
    ['with redeliveries', [...EVENTS, redeliver(3)]],
  ])('finds a burst, %s', async (_, steps) => {
    expect(await alerts(steps, batchSize)).toEqual(ALERTS);
  });

  it.each([
    ['09:00:09.999', 1],
    ['09:00:10', 0],
  ])('asks for all of it in less than 10 s: the last at %s makes %i', async (last, found) => {
    const steps = [at('09:00:00'), at('09:00:01'), at(last)];
    expect(await alerts(steps, batchSize)).toHaveLength(found);
  });
});
