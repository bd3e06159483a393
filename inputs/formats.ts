/**
 * How each stream's events are written in files: what the sources of the project's jobs say of it. Which of them are valid
 * is no matter here: that is the jobs' business.
 */
import { JOBS } from '../functions/jobs.ts';
import type { JobFamily } from '../shared/job/job.ts';
import type { Source } from '../shared/job/source.ts';
import type { StreamName } from '../shared/model/lane.ts';

export type { TimeUnit } from './lines/times.ts';

export type StreamFormat = Pick<
  Source<unknown>,
  'fileLines' | 'partitionKeyIn' | 'eventTimeIn' | 'parse'
>;

/** The format of every stream that some job reads; where two say something, the first. */
export function formatsOf(
  families: readonly JobFamily[],
): Readonly<Record<StreamName, StreamFormat>> {
  const sources = families.flatMap(({ usual }) => usual.sources);
  const byStream = Map.groupBy(sources, ({ stream }) => stream);
  return Object.fromEntries(
    [...byStream].flatMap(([stream, [first]]) => (first ? [[stream, first]] : [])),
  );
}

export const STREAM_FORMATS = formatsOf(JOBS);
