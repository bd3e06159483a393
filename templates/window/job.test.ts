/** newJob: events in, rows out, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import {
  BATCH_SIZES,
  close,
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

const EVENTS = [at('09:00:00'), at('09:10:00', 'u2'), at('09:20:00'), at('10:00:00')];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each<[string, ScenarioStep[]]>([
    ['as they come', EVENTS],
    ['with a crash', [...EVENTS.slice(0, 2), crash('after'), ...EVENTS.slice(2)]],
    ['with redeliveries', [...EVENTS, redeliver(3)]],
    ['with closing in between', [...EVENTS.slice(0, 3), close(), ...EVENTS.slice(3)]],
  ])('counts events per hour, %s', async (_, steps) => {
    const { engine, surprises } = await play(newJob.build(), steps, batchSize);
    expect(surprises).toEqual([]);
    // Neither a late event nor a dead letter, whose reason says what is wrong with it.
    expect((await engine.side()).map(({ kind, reason }) => ({ kind, reason }))).toEqual([]);
    expect(
      engine.answers().map(({ userId, windowEnd, events }) => [userId, windowEnd, events]),
    ).toEqual([
      ['u1', '2017-11-25T10:00:00.000Z', 2],
      ['u1', '2017-11-25T11:00:00.000Z', 1],
      ['u2', '2017-11-25T10:00:00.000Z', 1],
    ]);
  });
});

it('puts what comes too late for its window beside the results', async () => {
  const steps = [at('10:00:05'), at('09:59:59')];
  const { engine } = await play(newJob.build(), steps, 'all');
  const side = await engine.side();
  expect(side.map(({ kind, reason, eventTime }) => ({ kind, reason, eventTime }))).toEqual([
    { kind: 'late', eventTime: at('09:59:59').timestamp },
  ]);
});
