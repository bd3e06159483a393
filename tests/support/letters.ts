/** A lane with a dead letter that can be redriven. */
import type { Job } from '../../shared/job/job.ts';
import { type HashRange, WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import { processingTime } from '../../shared/model/time.ts';
import type { SideEvent } from '../../shared/operators/intake/progress.ts';
import { encodeRedriven, type RedriveOrigin } from '../../shared/records/envelopes.ts';
import { appendCommit, readHead } from '../../shared/state/lane/laneLog.ts';
import { packSideOutput } from '../../shared/state/lane/sideOutput.ts';
import { type EngineOptions, TestEngine } from './engine.ts';
import { entriesOf } from './entries.ts';
import { gatedJob, signal } from './signals.ts';

export const JOB = gatedJob() as unknown as Job;
export const LANE = 'signals/left';
export const event = (key: string, second: number): Buffer =>
  Buffer.from(JSON.stringify(signal(key, 'x', second)));

/** A lane whose slot 1 holds a letter as an earlier reader made it, of what today's can read; W was at 10 then. */
export async function withLetter(
  raw: Uint8Array,
  job = JOB,
  options: EngineOptions = {},
  range: HashRange | 'unknown' = WHOLE_RANGE,
): Promise<TestEngine> {
  const shards = new TestEngine(job, options);
  shards.ranges['left'] = range === 'unknown' ? undefined : range;
  await shards.put('left', [signal('first', 'x', 10)]);
  const head = await readHead(shards.state, shards.lane('left'));
  if (!head) throw new Error('the lane has no head');
  const [entry] = entriesOf([0]);
  const letter = { kind: 'dead', entry: { ...entry, raw }, watermark: head.watermark, reason: 'x' };
  const expiresAt = processingTime(head.expiresAt);
  const side = packSideOutput(shards.lane('left'), [letter as SideEvent], expiresAt);
  await shards.state.batchPut(side.chunks);
  await appendCommit(shards.state, shards.lane('left'), { ...head, slot: 1, side: side.reference });
  if (job.kind !== 'status') await shards.put('left', [signal('then', 'x', 100)]);
  return shards;
}

export const position = `${entriesOf([0])[0]?.sequence}/0`;
export const origin: RedriveOrigin = { job: JOB.id, lane: LANE, position, slot: 1 };
export const back = (raw: Uint8Array, other: Partial<RedriveOrigin> = {}) =>
  encodeRedriven({ ...origin, ...other }, raw);
