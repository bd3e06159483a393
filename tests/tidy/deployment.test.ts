/** `serverless.yml` and the jobs say the same. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RESULT_TABLES } from '../../cli/options.ts';
import { INGEST_JOBS, JOBS } from '../../functions/jobs.ts';
import { pascal } from '../../infra/roles/policy.ts';
import { schedulesOf } from '../../infra/schedules.ts';
import { tablesOf } from '../../shared/job/job.ts';
import { SCHEDULED_FUNCTIONS, scheduledFunctionsOf } from '../../shared/job/traits.ts';
import { parameterVariable } from '../../shared/lambda/contract.ts';
import { INDEXES, type IndexName } from '../../shared/ports/rowsReader.ts';
import { EXPIRES_AT } from '../../shared/ports/table.ts';
import { FILES, filesIn, textOf } from './repository.ts';

interface StreamEvent {
  readonly stream: { readonly arn: { readonly 'Fn::GetAtt': readonly [string, string] } } & Record<
    string,
    unknown
  >;
}
interface Deployment {
  /** What is written, and what is generated. */
  readonly functions: readonly [
    Record<
      string,
      /** Those of scheduled functions are generated. */
      {
        handler: string;
        role?: string;
        events: readonly StreamEvent[] | string;
        environment?: Record<string, string>;
      }
    >,
    ...string[],
  ];
  readonly resources: readonly string[];
}
interface Resources {
  readonly Resources: Record<
    string,
    {
      readonly Type: string;
      readonly DependsOn?: string;
      readonly Properties: {
        readonly Name?: string;
        readonly TableName?: string;
        readonly KeySchema?: { AttributeName: string }[];
        readonly GlobalSecondaryIndexes?: object[];
      };
    }
  >;
}

const deployment = parse(textOf('serverless.yml'), { merge: true }) as Deployment;
const [functions, ...generatedFunctions] = deployment.functions;
const resources = Object.assign(
  {},
  ...filesIn('infra/', '.yml').map(
    (path) => (parse(textOf(path), { merge: true }) as Resources).Resources,
  ),
) as Resources['Resources'];

function streamsOf(name: string) {
  const events = functions[name]?.events ?? [];
  return typeof events === 'string' ? [] : events.map(({ stream }) => stream);
}

const BUILT = Object.entries(INGEST_JOBS).map(([name, family]) => [name, family.build()] as const);

describe.each(BUILT)('%s', (name, job) => {
  const streams = streamsOf(name);

  it('reads the streams of its sources, and no others', () => {
    const names = streams.map(({ arn }) => resources[arn['Fn::GetAtt'][0]]?.Properties.Name);
    expect(names).toEqual(job.sources.map(({ stream }) => `tidemark-\${sls:stage}-${stream}`));
  });

  it('is mapped as the engine needs it: in order, batches returned in part, one at a time per shard', () => {
    for (const stream of streams) {
      expect(stream).toMatchObject({
        functionResponseType: 'ReportBatchItemFailures',
        parallelizationFactor: 1,
        startingPosition: 'TRIM_HORIZON',
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: -1,
        destinations: { onFailure: { arn: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } } },
      });
      expect(stream).not.toHaveProperty('filterPatterns');
    }
  });

  it('has batches as large as what it writes of them allows', () => {
    const isPlain = job.kind === 'window' && !job.gate;
    expect(streams.map(({ batchSize }) => batchSize)).toEqual(
      streams.map(() => (isPlain ? 10_000 : 1_000)),
    );
  });

  it('has the role that is made for it', () => {
    expect(functions[name]?.role).toBe(`${pascal(name)}Role`);
  });

  it.each(tablesOf(job).map((table) => [table.name, table] as const))(
    'has the table %s with the keys of its rows',
    (tableName, { partitionKey, sortKey }) => {
      const [table, ...others] = Object.values(resources).filter(
        ({ Properties }) => Properties.TableName === `tidemark-\${sls:stage}-${tableName}`,
      );
      const keys = table?.Properties.KeySchema?.map(({ AttributeName }) => AttributeName);
      expect(keys).toEqual([partitionKey, ...(sortKey === undefined ? [] : [sortKey])]);
      expect(others).toEqual([]);
    },
  );
});

const tableNamed = (name: string) =>
  Object.values(resources).find(
    ({ Properties }) => Properties.TableName === `tidemark-\${sls:stage}-${name}`,
  );

/** As the engine writes their keys, and as much of rows as readers take from them: of groups the keys, since every row is in one. */
const indexed = (name: IndexName) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: INDEXES[name].partitionKey, KeyType: 'HASH' },
    { AttributeName: INDEXES[name].sortKey, KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: name === 'groups' ? 'KEYS_ONLY' : 'ALL' },
});

it.each(RESULT_TABLES)('gives the table $name the index that lists its rows', (table) => {
  const { rows, listedBy, groupedBy } = table;
  const expected = [
    ...(rows === 'statuses' ? [indexed('problems')] : []),
    ...(listedBy === undefined ? [] : [indexed('latest')]),
    ...(groupedBy === undefined ? [] : [indexed('groups')]),
  ];
  const { GlobalSecondaryIndexes = [] } = tableNamed(table.name)?.Properties ?? {};
  expect(GlobalSecondaryIndexes).toEqual(expected);
});

it.each(RESULT_TABLES.filter(({ rows }) => rows === 'statuses'))(
  'lets rows of the table $name expire',
  ({ name }) => {
    expect(tableNamed(name)?.Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: EXPIRES_AT, Enabled: true },
    });
  },
);

it('creates tables with indexes one after the other, as CloudFormation wants it', () => {
  const ids = Object.entries(resources).flatMap(([id, { Properties }]) =>
    Properties.GlobalSecondaryIndexes ? [id] : [],
  );
  const awaited = ids.map((id) => resources[id]?.DependsOn);
  expect(awaited).toEqual([undefined, ...ids.slice(0, -1)]);
});

it('deploys a handler for every folder of functions, and nothing else', () => {
  const folders = FILES.flatMap(
    (path) => /^functions\/([^/]+)\/handler\.ts$/.exec(path)?.[1] ?? [],
  );
  expect(Object.keys(functions).sort()).toEqual([...folders].sort());
  for (const [name, { handler }] of Object.entries(functions)) {
    expect(handler).toBe(`functions/${name}/handler.handler`);
  }
});

it('has the functions and streams that follow from jobs with repartition streams', () => {
  expect(generatedFunctions).toEqual([`\${file(infra/generated.js):keyedFunctions}`]);
  expect(deployment.resources).toContain(`\${file(infra/generated.js):repartitionStreams}`);
});

it.each([
  ['closeWindows', 'closeSchedules'],
  ['fireTimers', 'fireSchedules'],
])('runs %s on the schedules that follow from the jobs', (name, generated) => {
  expect(functions[name]).toMatchObject({
    events: `\${file(infra/generated.js):${generated}}`,
    maximumRetryAttempts: 0,
  });
});

it.each(JOBS.map(({ usual }) => usual))('schedules $name where time changes something', (job) => {
  const scheduled = SCHEDULED_FUNCTIONS.filter((name) =>
    schedulesOf(name).some(({ schedule }) => schedule.input['job'] === job.id),
  );
  expect(scheduled).toEqual(scheduledFunctionsOf(job));
  expect(scheduled.length).toBeGreaterThan(0);
});

it('sets parameters of jobs for all functions: what one ingests, another closes', () => {
  const { api, ...others } = functions;
  for (const [name, definition] of Object.entries(others)) {
    expect(definition, name).not.toHaveProperty('environment');
  }
  const own = Object.keys(api?.environment ?? {});
  expect(own.length).toBeGreaterThan(0);
  const ofJobs = JOBS.map(({ name }) => parameterVariable(name, ''));
  const settings = /^TIDEMARK_(STAGE|CLOSE_FUNCTION|FIRE_FUNCTION|FLUSH_AFTER|IDLE_AFTER|LEASE)$/;
  const shared = own.filter(
    (name) => settings.test(name) || ofJobs.some((prefix) => name.startsWith(prefix)),
  );
  expect(shared).toEqual([]);
});

it('says of every result table where its rows can be subscribed to', () => {
  const { Outputs } = parse(textOf('infra/tables.yml'), { merge: true }) as { Outputs: object };
  const tables = Object.entries(resources).filter(
    ([id, { Type }]) => Type === 'AWS::DynamoDB::Table' && id !== 'StateTable',
  );
  expect(Object.keys(Outputs).sort()).toEqual(tables.map(([id]) => `${id}StreamArn`).sort());
});
