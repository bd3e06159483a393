/** What a function works on the lanes of a job with: which batcher a kind has, and its keyed stores where it keeps states. */
import type { Job } from '../../job/job.ts';
import { isKeyed } from '../../job/traits.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Batcher } from '../lanes/commitDraft.ts';
import { LaneStores } from '../lanes/laneStores.ts';
import type { LaneContext } from '../lanes/lanes.ts';
import type { EngineSettings } from '../settings.ts';
import { PatternBatcher } from './patternBatch.ts';
import { createStatusBatcher } from './statusBatch.ts';
import { createWindowBatcher } from './windowBatch.ts';

export function laneContext(job: Job, ports: Ports, settings: EngineSettings): LaneContext {
  const stores = new LaneStores(ports, settings);
  const batcher = createBatcher(job, ports, settings, stores);
  const kept = isKeyed(job) ? stores : undefined;
  return { job, ports, settings, batcher, stores: kept, alerted: new Map() };
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
      return createStatusBatcher(job, ports, settings);
    case 'pattern':
      return new PatternBatcher(job, ports, settings, stores);
  }
}
