/** What a function works on the lanes of a job with: which batcher a kind has, and its keyed stores where it keeps states. */
import type { Job } from '../../job/job.ts';
import { isKeyed, isKeyedStatus } from '../../job/traits.ts';
import { timersOf } from '../../operators/status/keptStatus.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Batcher } from '../lanes/commitDraft.ts';
import { LaneStores } from '../lanes/laneStores.ts';
import type { LaneContext } from '../lanes/lanes.ts';
import type { EngineSettings } from '../settings.ts';
import { PatternBatcher } from './patternBatch.ts';
import { createSharedRowsBatcher } from './sharedRowsBatch.ts';
import { StatusBatcher } from './statusBatch.ts';
import { createWindowBatcher } from './windowBatch.ts';

export function laneContext(job: Job, ports: Ports, settings: EngineSettings): LaneContext {
  const stores = new LaneStores(ports, settings, timersOf(job));
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
      return isKeyedStatus(job)
        ? new StatusBatcher(job, ports, settings, stores)
        : createSharedRowsBatcher(job, ports, settings);
    case 'pattern':
      return new PatternBatcher(job, ports, settings, stores);
  }
}
