/** What a function works on the lanes of a job with: which batcher a kind has, and its keyed stores where it keeps states. */
import type { Job } from '../../job/job.ts';
import { isForwarding, keyedPartOf, needsRepartition } from '../../job/repartition.ts';
import { streamsOf } from '../../job/spec.ts';
import { isKeyed } from '../../job/traits.ts';
import { awaitedBy } from '../../operators/status/ahead.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Batcher, LaneState } from '../lanes/commitDraft.ts';
import { LaneStores } from '../lanes/laneStores.ts';
import type { LaneContext } from '../lanes/lanes.ts';
import type { EngineSettings } from '../settings.ts';
import { ForwardBatcher } from './forwardBatch.ts';
import { PatternBatcher } from './patternBatch.ts';
import { StatusBatcher } from './statusBatch.ts';
import { createWindowBatcher } from './windowBatch.ts';

export function laneContext(job: Job, ports: Ports, settings: EngineSettings): LaneContext {
  const stores = new LaneStores(ports, settings, awaitedBy(job));
  const batcher = createBatcher(job, ports, settings, stores);
  const kept = isKeyed(job) ? stores : undefined;
  return { job, ports, settings, batcher, stores: kept, answered: new Map() };
}

function createBatcher(
  job: Job,
  ports: Ports,
  settings: EngineSettings,
  stores: LaneStores,
): Batcher {
  switch (job.kind) {
    case 'window':
      return createWindowBatcher(job, ports, settings, stores);
    case 'status':
      return needsRepartition(job)
        ? byStream(job, {
            forwarding: new ForwardBatcher(job, ports, settings),
            keyed: new StatusBatcher(keyedPartOf(job), ports, settings, stores, streamsOf(job)),
          })
        : new StatusBatcher(job, ports, settings, stores);
    case 'pattern':
      return new PatternBatcher(job, ports, settings, stores);
  }
}

/** A job with a repartition stream has lanes of two kinds. */
function byStream(
  job: Job,
  { forwarding, keyed }: Readonly<Record<'forwarding' | 'keyed', Batcher>>,
): Batcher {
  const of = ({ lane }: Pick<LaneState, 'lane'>) =>
    isForwarding(job, lane.stream) ? forwarding : keyed;
  return {
    build: (request) => of(request).build(request),
    advance: (laneState, why) => of(laneState).advance(laneState, why),
  };
}
