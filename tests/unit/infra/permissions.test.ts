/** The roles as they are packaged allow everything that the real handlers ask for, and hardly anything else. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { ingestFunctionsOf } from '../../../infra/ingestFunctions.ts';
import { tablesOf } from '../../../shared/job/job.ts';
import { scheduledFunctionsOf } from '../../../shared/job/traits.ts';
import { parameterVariable } from '../../../shared/lambda/contract.ts';
import { FLINK_JOBS } from '../../support/flinkRows.ts';
import type { Call } from '../../support/iam/calls.ts';
import { type Grant, grantsOf, isAllowedBy } from '../../support/iam/evaluator.ts';
import { START } from '../../support/iam/events.ts';
import { roleHoldersOf, rolesOf } from '../../support/iam/roles.ts';
import { type PackagedStage, startPackagedStage } from '../../support/iam/stage.ts';
import { Workload } from '../../support/iam/workload.ts';
import { packagedTemplate } from '../../support/packagedTemplate.ts';

const HOUR = 3_600_000;
const jobs = Object.entries(INGEST_JOBS).map(([name, family]) => {
  const job = family.build();
  return { job, functions: ingestFunctionsOf(name, job) };
});
/** The jobs by the functions that ingest them. */
const ingested = new Map(
  jobs.flatMap(({ job, functions }) => functions.map(({ name }) => [name, job] as const)),
);
const ingesting = [...ingested.keys()];

let stage: PackagedStage;
/** By function. */
const grants = new Map<string, readonly Grant[]>();

beforeAll(async () => {
  const template = await packagedTemplate('prod');
  const roles = rolesOf(template);
  for (const { name, role } of roleHoldersOf(template)) {
    const found = roles.find(({ id }) => id === role);
    grants.set(name, found ? grantsOf(template, found) : []);
  }
  // The clock only: servers and clients wait in real time.
  vi.useFakeTimers({ toFake: ['Date'], now: START + 4 * HOUR });
  stage = await startPackagedStage(template, 'prod');
  const clock = { now: Date.now, advance: (ms: number) => void vi.advanceTimersByTime(ms) };
  await withRowsOfProblems();
  await new Workload(stage, jobs, clock).run();
}, 120_000);
afterAll(async () => {
  vi.useRealTimers();
  await stage.stop();
});

/** How far sources are forwarded is said only where a job forgets by it. */
async function withRowsOfProblems(): Promise<void> {
  const variable = parameterVariable('order-reconcile', 'rows');
  vi.stubEnv(variable, 'problems');
  await stage.coldStart('fireTimers');
  await stage.invoke('fireTimers', { source: 'tidemark.schedule', job: 'order-reconcile@2' });
  vi.unstubAllEnvs();
  await stage.coldStart('fireTimers');
}

const isAllowed = (call: Call, by: readonly Grant[] = []) =>
  by.some((grant) => isAllowedBy(call, grant));
const show = ({ functionName, action, resource, leadingKeys }: Call) =>
  `${functionName}: ${action} on ${resource} ${leadingKeys.join(', ')}`;

it('brings about every rare path that the workload is about', () => {
  expect(stage.recorder.pending).toEqual([]);
});

it.each([...ingesting, 'closeWindows', 'fireTimers', 'api'])(
  'allows %s all that it asks for',
  (name) => {
    const asked = stage.recorder.calls.filter(({ functionName }) => functionName === name);
    expect(asked.length).toBeGreaterThan(10);
    const denied = asked.filter((call) => !isAllowed(call, grants.get(name)));
    expect([...new Set(denied.map(show))]).toEqual([]);
  },
);

it('lets every function note why it failed, for each of its jobs', () => {
  const expected = jobs.flatMap(({ job, functions }) =>
    [...functions.map(({ name }) => name), ...scheduledFunctionsOf(job)].map(
      (by) => `${by}: ${job.id}#failure`,
    ),
  );
  const noted = stage.recorder.calls
    .filter(({ action }) => action === 'dynamodb:PutItem')
    .filter((call) => isAllowed(call, grants.get(call.functionName)))
    .filter(({ leadingKeys: [key = ''] }) => key.endsWith('#failure'))
    .map(({ functionName, leadingKeys }) => `${functionName}: ${leadingKeys.join()}`);
  expect([...new Set(noted)].sort()).toEqual(expected.sort());
});

/** Granted, and asked for by somebody else than the handlers: a reason for each. */
const BY_OTHERS: Readonly<Record<string, string>> = {
  'kms:Decrypt': 'Kinesis and DynamoDB ask on behalf of the function, where there is a key',
  'kms:GenerateDataKey': 'Kinesis asks on behalf of the function, where there is a key',
  'logs:CreateLogStream': "Lambda's runtime writes the logs",
  'logs:PutLogEvents': "Lambda's runtime writes the logs",
  'kinesis:DescribeStream': "Lambda's poller reads the stream",
  'kinesis:DescribeStreamSummary': "Lambda's poller reads the stream",
  'kinesis:GetRecords': "Lambda's poller reads the stream",
  'kinesis:GetShardIterator': "Lambda's poller reads the stream",
  'sqs:SendMessage': 'Lambda names there what it gives up',
};

/** Nobody polls for a function without streams: what it may read of them, it reads itself. */
const isForOthers = (name: string, action: string): boolean =>
  action in BY_OTHERS && (ingesting.includes(name) || !action.startsWith('kinesis:'));

/** A grant on the items of several jobs, job by job. */
const jobByJob = (grant: Grant): readonly Grant[] =>
  grant.leadingKeys === undefined
    ? [grant]
    : [...Map.groupBy(grant.leadingKeys, (like) => like.replace(/#\*$/, '')).values()].map(
        (leadingKeys) => ({ ...grant, leadingKeys }),
      );

/** What the workload brings about is what the project's own jobs do; of a job that was added it knows the ordinary only. */
const added = jobs.filter(({ job }) => !FLINK_JOBS.some(({ name }) => name === job.name));
const isOfAdded = (functionName: string, { resource, leadingKeys = [] }: Grant): boolean =>
  added.some(
    ({ job }) =>
      ingested.get(functionName)?.name === job.name ||
      leadingKeys.includes(job.id) ||
      tablesOf(job).some((table) => resource.endsWith(`-${table.name}`)),
  );

it('grants nothing that no function ever asks for', () => {
  const unused = [...grants].flatMap(([name, granted]) => {
    const asked = stage.recorder.calls.filter(({ functionName }) => functionName === name);
    return granted
      .filter(({ action }) => !isForOthers(name, action))
      .flatMap(jobByJob)
      .filter((grant) => !isOfAdded(name, grant))
      .filter((grant) => !asked.some((call) => isAllowedBy(call, grant)))
      .map(({ action, resource, leadingKeys = [] }) =>
        show({ functionName: name, action, resource, leadingKeys }),
      );
  });
  expect(unused).toEqual([]);
});

describe('the API', () => {
  it.each(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'Scan', 'PartiQLSelect'])(
    'may not %s anywhere',
    (action) => {
      const asked = stage.recorder.calls.filter(({ functionName }) => functionName === 'api');
      expect(asked.length).toBeGreaterThan(50);
      const places = asked.map((call) => ({ ...call, action: `dynamodb:${action}` }));
      expect(places.filter((call) => isAllowed(call, grants.get('api'))).map(show)).toEqual([]);
    },
  );

  it('may not read who owns a table, which is nobody’s question', () => {
    const [onState] = stage.recorder.calls.filter(
      ({ functionName, resource }) => functionName === 'api' && resource.endsWith('-state'),
    );
    if (!onState) throw new Error('the API asks nothing of the state table');
    const owner = { ...onState, leadingKeys: ['table#pvuv'] };
    expect(isAllowed(onState, grants.get('api'))).toBe(true);
    expect(isAllowed(owner, grants.get('api'))).toBe(false);
  });
});

describe('a call that a function makes', () => {
  it('is denied to every function of another job', () => {
    const onState = stage.recorder.calls.filter(
      ({ functionName, resource }) =>
        ingesting.includes(functionName) && resource.endsWith('-state'),
    );
    expect(onState.length).toBeGreaterThan(100);
    const allowed = onState.filter((call) =>
      ingesting.some(
        (other) =>
          ingested.get(other) !== ingested.get(call.functionName) &&
          isAllowed(call, grants.get(other)),
      ),
    );
    expect(allowed.map(show)).toEqual([]);
  });

  it.each([
    'hot-items@2',
    'hot-items@10',
    'hot-items@10#page',
    'hot-items@1x',
    'more-hot-items@1#page',
    'table#pvuv',
    '',
  ])('is denied where it names the partition %j', (key) => {
    const ofHotItems = grants.get('hotItems') ?? [];
    const asked = stage.recorder.calls.filter(
      ({ functionName, resource }) => functionName === 'hotItems' && resource.endsWith('-state'),
    );
    const allowed = asked.filter((call) =>
      isAllowed({ ...call, leadingKeys: [...call.leadingKeys, key] }, ofHotItems),
    );
    expect(allowed.map(show)).toEqual([]);
  });

  it.each(['dynamodb:PutItem', 'dynamodb:Query', 'kinesis:ListShards', 'lambda:InvokeFunction'])(
    'is denied without the grant of %s',
    (action) => {
      const less = (grants.get('hotItems') ?? []).filter((grant) => grant.action !== action);
      const asked = stage.recorder.calls.filter(({ functionName }) => functionName === 'hotItems');
      const denied = asked.filter((call) => !isAllowed(call, less));
      expect(new Set(denied.map((call) => call.action))).toEqual(new Set([action]));
    },
  );
});
