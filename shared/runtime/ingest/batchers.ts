/** Which batcher a kind of job has. */
import type { Job } from '../../job/job.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Batcher } from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { PatternBatcher } from './patternBatch.ts';
import { createStatusBatcher } from './statusBatch.ts';
import { createWindowBatcher } from './windowBatch.ts';

export function createBatcher(job: Job, ports: Ports, settings: EngineSettings): Batcher {
  switch (job.kind) {
    case 'window':
      return createWindowBatcher(job, ports, settings);
    case 'status':
      return createStatusBatcher(job, ports, settings);
    case 'pattern':
      return new PatternBatcher(job, ports, settings);
  }
}
