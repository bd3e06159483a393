/**
 * Which functions take the records of a job: one, or, of a job with a repartition stream, two. serverless.yml has the first of them,
 * and the second is made from it (`repartition.ts`).
 */
import type { Job } from '../shared/job/job.ts';
import { repartitionStreamOf } from '../shared/job/repartition.ts';
import { streamsOf } from '../shared/job/spec.ts';
import type { StreamName } from '../shared/model/lane.ts';

export interface IngestFunction {
  /** Its key in serverless.yml. */
  readonly name: string;
  readonly reads: readonly StreamName[];
  /** The job's own stream, of a function that forwards to it. */
  readonly puts?: StreamName;
}

/** @param name of the job in `functions/jobs.ts` */
export function ingestFunctionsOf(
  name: string,
  job: Job,
): readonly [IngestFunction, ...IngestFunction[]] {
  const own = repartitionStreamOf(job);
  const reads = streamsOf(job);
  if (own === undefined) return [{ name, reads }];
  return [
    { name, reads, puts: own },
    { name: keyedFunctionOf(name), reads: [own] },
  ];
}

/** The function whose lanes keep the keys of what the function of this name forwards. */
export const keyedFunctionOf = (name: string): string => `${name}Keyed`;
