/** What became of a job's dead letters. */
import { expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import type { Job } from '../../../shared/job/job.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { readDeadLetters } from '../../../shared/state/deadLetters.ts';
import { changeMarks } from '../../../shared/state/lane/letterMarks.ts';
import { TestEngine } from '../../support/engine.ts';
import { gatedJob, signal } from '../../support/signals.ts';

const JOB = gatedJob() as unknown as Job;
const text = (raw: Uint8Array) => Buffer.from(raw).toString();
const lettersOf = (shards: TestEngine) => collect(readDeadLetters(JOB.id, shards.state));

it('is told of each: waiting, redriven, accepted, discarded, or an envelope that was refused', async () => {
  const shards = new TestEngine(JOB);
  await shards.put('left', [
    signal('a', 'x', 10),
    Buffer.from('waits'),
    Buffer.from('is back'),
    Buffer.from('is on its way'),
    Buffer.from('is given up'),
  ]);
  await shards.put('right', [Buffer.from('is elsewhere')]);
  const [, back] = await lettersOf(shards);
  if (!back) throw new Error('no letter');
  const { lane, position, slot, expiresAt } = back;
  await changeMarks(shards.state, { lane: shards.lane('left'), slot, expiresAt }, (marks) => {
    // Of the commit's side events, in which a late one would stand as well.
    for (const place of [1, 2]) marks.redriven.add(place);
    marks.discarded.add(3);
  });
  const origin = { job: JOB.id, lane, position, slot };
  await shards.put('left', [encodeRedriven(origin, back.raw)]);
  await shards.put('left', [encodeRedriven({ ...origin, position: '9/9' }, Buffer.from('forged'))]);
  const told = (await lettersOf(shards)).map(({ raw, state, lane: at }) => [
    at,
    text(raw).slice(0, 20),
    state,
  ]);
  expect(told).toEqual([
    ['signals/left', 'waits', 'waiting'],
    ['signals/left', 'is back', 'accepted'],
    ['signals/left', 'is on its way', 'redriven'],
    ['signals/left', 'is given up', 'discarded'],
    // The copy that was let in is dead again, which is a letter of its own.
    ['signals/left', 'is back', 'waiting'],
    ['signals/left', '{"tidemark:redrive":', 'refused'],
    ['signals/right', 'is elsewhere', 'waiting'],
  ]);
});
