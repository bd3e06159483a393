/**
 * What Amazon Managed Service for Apache Flink costs for the same events.
 *
 * An application is billed for the KPUs that process (1 vCPU each, with 50 GB of running storage) and one more for
 * orchestration, so the smallest has two. How many process follows from the rate: Nexmark's q5, which is hot items, runs at
 * 22,000 events/s on a core of open-source Flink. AWS's own sizing guide puts an application below 5 MB/s on two KPUs and
 * one for orchestration, which is named beside it. Both are without snapshots, and with the whole of the state on the KPUs' own storage.
 * The rows are written to the same tables, through Flink's DynamoDB sink: `sinkCost` is what that takes.
 */
import type { Usage } from './measure.ts';
import { GB, HOURS_A_MONTH, type Prices } from './prices.ts';

const EVENTS_A_KPU = 22_000;
const STORAGE_GB_A_KPU = 50;
/** That process, as AWS's guide sizes an application below 5 MB/s. */
export const GUIDE_KPUS = 2;

/** KPUs that process so many events a second in one application. */
export const kpusFor = (eventsPerSecond: number): number =>
  Math.max(1, Math.ceil(eventsPerSecond / EVENTS_A_KPU));

export const flinkCost = (kpus: number, { flink }: Prices): number =>
  (kpus + 1) * HOURS_A_MONTH * flink.kpuHour + kpus * STORAGE_GB_A_KPU * flink.storageGbMonth;

/** What a job's rows take, whoever computes them: their writes, with those of indexes, and their storage. */
export function sinkCost(
  { answerWrites, storedBytes }: Pick<Usage, 'answerWrites' | 'storedBytes'>,
  { dynamoDb }: Prices,
): number {
  const { answers, indexes } = storedBytes;
  const stored = (answers + indexes) * dynamoDb.storageGbMonth + answers * dynamoDb.recoveryGbMonth;
  return answerWrites * dynamoDb.writeUnit + stored / GB;
}
