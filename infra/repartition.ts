/**
 * What a job with a repartition stream has beside what is written of it: that stream, and the function that reads it, whose lanes keep the
 * job's keys. Both follow from the job's declaration and are like what is written, of which nothing is said twice:
 *
 * 1. The stream is as those of streams.yml are. It goes with its job, or its job's version, as the states do that are made of it.
 * 2. The function is as the job's function in serverless.yml is, which forwards: the same code with the same memory, and batches of the same size.
 *
 * It is a function of its own so that lanes find their keyed stores warm. Of one function for both, Lambda would hand a keyed lane's batch to
 * whichever environment is free, as often as not to one that only ever forwarded, and that would restore the lane's keys first.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { INGEST_JOBS } from '../functions/jobs.ts';
import { JobDefinitionError } from '../shared/errors.ts';
import type { Job, JobFamily } from '../shared/job/job.ts';
import { repartitionStreamOf } from '../shared/job/repartition.ts';
import type { StreamName } from '../shared/model/lane.ts';
import { keyedFunctionOf } from './ingestFunctions.ts';
import { shardsParameter, type Variables } from './packaging/parameters.ts';
import { pascal } from './roles/policy.ts';

/** Those of the project, unless a test adds some. */
type IngestJobs = Readonly<Record<string, JobFamily>>;

interface Repartitioned {
  /** The function that forwards. */
  readonly name: string;
  readonly job: Job;
  readonly stream: StreamName;
}

const repartitioned = (jobs: IngestJobs): readonly Repartitioned[] =>
  Object.entries(jobs).flatMap(([name, { usual: job }]) => {
    const stream = repartitionStreamOf(job);
    return stream === undefined ? [] : [{ name, job, stream }];
  });

/** The streams that jobs put on by themselves: nobody else puts anything there. */
export const repartitionStreamNames = (jobs: IngestJobs = INGEST_JOBS): ReadonlySet<StreamName> =>
  new Set(repartitioned(jobs).map(({ stream }) => stream));

/** The one who forwards, as far as it matters here. */
const writtenFunction = z.looseObject({
  events: z.tuple([z.strictObject({ stream: z.looseObject({}) })], z.unknown()),
});

/**
 * The functions that keep keys, by name, as serverless.yml would have them.
 * @param written the functions that it has: of a job whose own is not among them, or reads nothing, there is none to be like
 */
export function keyedFunctionsOf(
  written: Readonly<Record<string, unknown>>,
  jobs: IngestJobs = INGEST_JOBS,
): Readonly<Record<string, object>> {
  const made = repartitioned(jobs).flatMap(({ name, job, stream }) => {
    const forwarder = writtenFunction.safeParse(written[name]);
    if (!forwarder.success) return [];
    const keyed = keyedFunctionOf(name);
    if (keyed in jobs) {
      throw new JobDefinitionError(
        `functions/jobs.ts has ${keyed}, which is what the function is called that keeps the keys of ${job.name}; call it something else`,
      );
    }
    const [{ stream: mapping }] = forwarder.data.events;
    const definition = {
      ...forwarder.data,
      role: `${pascal(keyed)}Role`,
      description: `Keeps the keys of ${job.name}, of events that ${name} forwards.`,
      events: [{ stream: { ...mapping, arn: { 'Fn::GetAtt': [logicalId(stream), 'Arn'] } } }],
    };
    return [[keyed, definition] as const];
  });
  return Object.fromEntries(made);
}

/** osls calls it. What is written is the first of the two in the list of functions. */
export async function keyedFunctions(variables: Variables) {
  const written = repartitioned(INGEST_JOBS).map(async ({ name }) => [
    name,
    await variables.resolveConfigurationProperty(['functions', '0', name]),
  ]);
  return keyedFunctionsOf(Object.fromEntries(await Promise.all(written)));
}

interface StreamTemplate {
  readonly Resources: Readonly<
    Record<
      string,
      { readonly DependsOn?: string; readonly Properties: Readonly<Record<string, unknown>> }
    >
  >;
}

const STREAMS_FILE = new URL('streams.yml', import.meta.url);

/** As a template has them. */
export function repartitionStreamsOf(jobs: IngestJobs = INGEST_JOBS) {
  const template = parse(readFileSync(STREAMS_FILE, 'utf8'), { merge: true }) as StreamTemplate;
  const [first] = Object.values(template.Resources);
  const { Name: _name, ShardCount: _count, ...shared } = first?.Properties ?? {};
  // Kinesis creates five at a time, so each waits for one that no other waits for.
  const awaited = Object.values(template.Resources).map(({ DependsOn }) => DependsOn);
  const free = Object.keys(template.Resources).filter((id) => !awaited.includes(id));
  const made = repartitioned(jobs).map(({ stream }) => {
    const id = logicalId(stream);
    const DependsOn = free.shift();
    free.push(id);
    const Properties = {
      ...shared,
      Name: `tidemark-\${sls:stage}-${stream}`,
      ShardCount: `\${param:${shardsParameter(stream)}, param:shards}`,
    };
    return [id, { Type: 'AWS::Kinesis::Stream', DependsOn, Properties }] as const;
  });
  return { Resources: Object.fromEntries(made) };
}

const logicalId = (stream: StreamName): string => `${pascal(stream)}Stream`;
