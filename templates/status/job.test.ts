/** newJob: events in, a row per `userId` out, whatever happens on the way and in whatever order. */
import { describe, expect, it } from 'vitest';
import {
  BATCH_SIZES,
  type BatchSize,
  crash,
  fire,
  play,
  redeliver,
  type ScenarioStep,
} from '../../tests/support/scenario.ts';
import { newJob } from './job.ts';

/** What the job does not look at. */
const OTHERS = { action: 'view' };
/** The same of another event. */
const OTHERWISE = { action: 'buy' };

/** The day before the test clock begins. */
const at = (clock: string, userId = 'u1') => ({
  ...OTHERS,
  userId,
  timestamp: Date.parse(`2017-11-25T${clock}Z`),
});

/** All that the rows say. */
async function answers(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const { engine, surprises } = await play(newJob.build(), steps, batchSize, {
    atEnd: 'leaveOpen',
  });
  expect(surprises).toEqual([]);
  // Neither a late event nor a dead letter, whose reason says what is wrong with it.
  expect((await engine.side()).map(({ kind, reason }) => ({ kind, reason }))).toEqual([]);
  return engine.answers();
}

async function rows(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const all = await answers(steps, batchSize);
  return all.map(({ userId, status, lastAt }) => [userId, status, lastAt]);
}

const EVENTS = [at('09:00:00'), at('09:10:00', 'u2'), at('10:00:00')];
const ROWS = [
  ['u1', 'active', '2017-11-25T10:00:00.000Z'],
  ['u2', 'quiet', '2017-11-25T09:10:00.000Z'],
];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each<[string, ScenarioStep[]]>([
    ['as they come', [...EVENTS, fire()]],
    ['out of order', [...EVENTS.toReversed(), fire()]],
    ['with a crash', [...EVENTS.slice(0, 1), crash('after'), ...EVENTS.slice(1), fire()]],
    ['with redeliveries', [...EVENTS, redeliver(2), fire()]],
  ])('says who has gone quiet, %s', async (_, steps) => {
    expect(await rows(steps, batchSize)).toEqual(ROWS);
  });

  it.each([
    ['09:30:04.999', 'active'],
    ['09:30:05', 'quiet'],
  ])('goes by the watermark, 5 s behind the newest event: at %s it is %s', async (now, status) => {
    const [row] = await rows([at('09:00:00'), at(now, 'u2'), fire()], batchSize);
    expect(row).toEqual(['u1', status, '2017-11-25T09:00:00.000Z']);
  });

  // Of two events of one time neither is the last: a merge that keeps more than the time decides by a value.
  it('makes the same of two events of one time, whichever comes first', async () => {
    const tie = [at('10:00:00'), { ...at('10:00:00'), ...OTHERWISE }];
    const [one, other] = [
      [...tie, fire()],
      [...tie.toReversed(), fire()],
    ];
    expect(await answers(other, batchSize)).toEqual(await answers(one, batchSize));
  });
});
