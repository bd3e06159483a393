/** What the functions of a simulated job run on. */
import type { Job } from '../../../shared/job/job.ts';
import type { TableDescription } from '../../../shared/ports/table.ts';
import type { EngineSettings } from '../../../shared/runtime/settings.ts';
import type { Random } from '../random.ts';
import type { Trial } from '../trials/trial.ts';
import type { Surroundings } from './host.ts';
import type { Contents, Store } from './store.ts';
import type { Shard, Stream } from './stream.ts';
export interface DeploymentOptions {
  readonly trial: Trial;
  readonly settings: EngineSettings;
  readonly batchSizeMax: number;
  /** See `Scenario`. */
  readonly lateStart: number;
  /** Whether named producers put some of the events. */
  readonly hasNamed: boolean;
  readonly around: Surroundings;
  readonly random: Random;
  readonly streams: readonly Stream[];
  readonly state: Store;
  openStore(description: TableDescription, contents: Contents): Store;
  /** Makes a record come to a shard. */
  provoke(shard: Shard): void;
  onBug(error: unknown): void;
}

/** What a job's functions run on; `job` changes when it is mended. */
export interface Premises extends DeploymentOptions {
  job(): Job;
  /** Asks for scheduled runs soon. */
  nudge(): void;
  /** The tables of the job's answers, by logical name. */
  readonly results: ReadonlyMap<string, Store>;
}
