/** What `osls package` makes of each stage: the settings that keep data, and the parameters that change them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INGEST_JOBS, JOBS } from '../../../functions/jobs.ts';
import { pascal } from '../../../infra/roles/policy.ts';
import { laneStreamsOf } from '../../../shared/job/repartition.ts';
import { needsFiring } from '../../../shared/job/traits.ts';
import {
  type PackagedResource,
  type PackagedTemplate,
  packagedTemplate,
} from '../../support/packagedTemplate.ts';
import { textOf } from '../../tidy/repository.ts';

/** Each of the three stages may take 60 s on a machine that is busy. */
const PACKAGING_MS_MAX = 3 * 60_000;
/** A number of shards of its own for each stream, by the parameter that gives it. */
const OWN_SHARDS = [...new Set(JOBS.flatMap((family) => laneStreamsOf(family.build())))].map(
  (stream, n) => ({ stream, parameter: `${camelCase(stream)}Shards`, shards: 4 + n }),
);
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/a';

let prod: PackagedTemplate;
let dev: PackagedTemplate;
let local: PackagedTemplate;

beforeAll(async () => {
  prod = await packagedTemplate('prod');
  dev = await packagedTemplate('dev', {
    ...Object.fromEntries(OWN_SHARDS.map(({ parameter, shards }) => [parameter, shards])),
    encryptionKey: KEY,
    batchWindowSeconds: 30,
    architecture: 'x86_64',
    logRetentionDays: 7,
  });
  local = await packagedTemplate('local', { shards: 3 });
}, PACKAGING_MS_MAX);

function ofType(template: PackagedTemplate, type: string): Record<string, PackagedResource> {
  const found = Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
  expect(found.length).toBeGreaterThan(0);
  return Object.fromEntries(found);
}
const properties = (template: PackagedTemplate, type: string) =>
  Object.values(ofType(template, type)).map(({ Properties }) => Properties);

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

describe('tables', () => {
  const TABLE = 'AWS::DynamoDB::Table';

  it('are billed by request in every stage, and named after it', () => {
    for (const [stage, template] of Object.entries({ prod, dev, local })) {
      for (const table of properties(template, TABLE)) {
        expect(table).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
        expect(table['TableName']).toMatch(`tidemark-${stage}-`);
        expect(table).not.toHaveProperty('ProvisionedThroughput');
      }
    }
  });

  it('cannot be deleted in prod; results can be restored to a point in time, and subscribed to', () => {
    for (const [id, { Properties }] of Object.entries(ofType(prod, TABLE))) {
      expect(Properties).toHaveProperty('DeletionProtectionEnabled', true);
      if (id === 'StateTable') continue;
      expect(Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      });
      expect(prod.Outputs).toHaveProperty(`${id}StreamArn`);
    }
  });

  it.each(['dev', 'local'])('of stage %s go with the stack', (stage) => {
    for (const table of properties(stage === 'dev' ? dev : local, TABLE)) {
      expect(table).toHaveProperty('DeletionProtectionEnabled', false);
    }
  });

  it('expire state, and rows that are state', () => {
    const expiring = Object.entries(ofType(prod, TABLE))
      .filter(([, { Properties }]) => Properties['TimeToLiveSpecification'])
      .map(([id]) => id);
    const statuses = JOBS.flatMap(({ usual }) =>
      usual.kind === 'status' ? [`${pascal(usual.table.name)}Table`] : [],
    );
    expect(statuses).toContain('OrderStatusTable');
    expect(expiring.sort()).toEqual([...statuses, 'StateTable'].sort());
  });
});

describe('encryption', () => {
  it('is the services’ own without a key, and the customer’s with one', () => {
    expect(prod.Parameters).toHaveProperty('EncryptionKey.Default', '');
    expect(dev.Parameters).toHaveProperty('EncryptionKey.Default', KEY);
  });

  it('covers every stream and every table, and the queue', () => {
    const ifKey = (own: unknown, services: unknown) => ({
      'Fn::If': ['HasEncryptionKey', own, services],
    });
    const ref = { Ref: 'EncryptionKey' };
    for (const stream of properties(dev, 'AWS::Kinesis::Stream')) {
      expect(stream['StreamEncryption']).toEqual({
        EncryptionType: 'KMS',
        KeyId: ifKey(ref, 'alias/aws/kinesis'),
      });
    }
    for (const table of properties(dev, 'AWS::DynamoDB::Table')) {
      expect(table['SSESpecification']).toEqual(
        ifKey({ SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: ref }, { SSEEnabled: false }),
      );
    }
    expect(properties(dev, 'AWS::SQS::Queue')).toEqual([
      expect.objectContaining({ SqsManagedSseEnabled: true }),
    ]);
  });
});

describe('streams', () => {
  const shardsOf = (template: PackagedTemplate) =>
    properties(template, 'AWS::Kinesis::Stream').map(({ Name, ShardCount }) => [
      Name,
      Number(ShardCount),
    ]);

  it.each([
    ['of the stage', () => prod, 2],
    ['that are asked for', () => local, 3],
  ])('have the shards %s', (_, template, shards) => {
    expect(new Set(shardsOf(template()).map(([, count]) => count))).toEqual(new Set([shards]));
  });

  it('are provisioned in every stage, so that the number of shards counts everywhere', () => {
    for (const template of [prod, dev, local]) {
      for (const stream of properties(template, 'AWS::Kinesis::Stream')) {
        expect(stream).toHaveProperty('StreamModeDetails', { StreamMode: 'PROVISIONED' });
      }
    }
  });

  it('have shards of their own, each by its own parameter', () => {
    const own = OWN_SHARDS.map(({ stream, shards }) => [`tidemark-dev-${stream}`, shards]);
    expect(shardsOf(dev).sort()).toEqual(own.sort());
  });
});

describe('what AWS creates', () => {
  it.each([
    ['streams: five', 'AWS::Kinesis::Stream', (_: PackagedResource) => true, 5],
    [
      'tables with indexes: one',
      'AWS::DynamoDB::Table',
      ({ Properties }: PackagedResource) => 'GlobalSecondaryIndexes' in Properties,
      1,
    ],
  ])('at once is no more than it can: %s', (_, type, isCounted, limit) => {
    const ids = Object.entries(ofType(prod, type)).flatMap(([id, each]) =>
      isCounted(each) ? [id] : [],
    );
    expect(mostAtOnce(prod, ids)).toBeLessThanOrEqual(limit);
  });
});

/** The most of these resources of which none waits for another. */
function mostAtOnce(template: PackagedTemplate, [first, ...rest]: readonly string[]): number {
  if (first === undefined) return 0;
  const beside = rest.filter(
    (other) => !waitsFor(template, first, other) && !waitsFor(template, other, first),
  );
  return Math.max(1 + mostAtOnce(template, beside), mostAtOnce(template, rest));
}

function waitsFor(template: PackagedTemplate, id: string, other: string): boolean {
  const before = [template.Resources[id]?.DependsOn ?? []].flat();
  return before.some((each) => each === other || waitsFor(template, each, other));
}

describe('mappings', () => {
  it('exist for every stream of every job, and never give up', () => {
    const mappings = properties(prod, 'AWS::Lambda::EventSourceMapping');
    const streams = Object.values(INGEST_JOBS).flatMap((family) => laneStreamsOf(family.build()));
    expect(mappings).toHaveLength(streams.length);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        ParallelizationFactor: 1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: -1,
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } },
        },
      });
    }
  });

  it('wait as long as the parameter says', () => {
    for (const mapping of properties(dev, 'AWS::Lambda::EventSourceMapping')) {
      expect(Number(mapping['MaximumBatchingWindowInSeconds'])).toBe(30);
    }
  });
});

describe('functions', () => {
  it('run on Node 24 and arm64, unless another architecture is asked for', () => {
    for (const each of properties(prod, 'AWS::Lambda::Function')) {
      expect(each).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
    for (const each of properties(dev, 'AWS::Lambda::Function')) {
      expect(each).toMatchObject({ Architectures: ['x86_64'] });
    }
  });

  it('have a log group each, which keeps logs as long as the stage says', () => {
    const names = properties(prod, 'AWS::Lambda::Function').map((each) => each['FunctionName']);
    const groups = properties(prod, 'AWS::Logs::LogGroup');
    expect(groups.map((each) => each['LogGroupName']).sort()).toEqual(
      names.map((name) => `/aws/lambda/${String(name)}`).sort(),
    );
    for (const group of groups) expect(Number(group['RetentionInDays'])).toBe(90);
    for (const group of properties(dev, 'AWS::Logs::LogGroup')) {
      expect(Number(group['RetentionInDays'])).toBe(7);
    }
  });

  it('are not versioned: what is kept of each deployment would grow for ever', () => {
    const types = Object.values(prod.Resources).map(({ Type }) => Type);
    expect(types).not.toContain('AWS::Lambda::Version');
  });

  it('that are scheduled run each minute, for each of their jobs by itself', () => {
    const rules = properties(prod, 'AWS::Events::Rule');
    const runs = rules.map(({ ScheduleExpression, State, Targets }) => {
      expect([ScheduleExpression, State]).toEqual(['rate(1 minute)', 'ENABLED']);
      const [{ Arn, Input }] = Targets as [{ Arn: { 'Fn::GetAtt': [string] }; Input: string }];
      expect(JSON.parse(Input)).toMatchObject({ source: 'tidemark.schedule' });
      return `${Arn['Fn::GetAtt'][0]} ${(JSON.parse(Input) as { job: string }).job}`;
    });
    const jobs = JOBS.map(({ usual }) => usual);
    expect(runs.sort()).toEqual(
      [
        ...jobs
          .filter(({ kind }) => kind === 'window')
          .map(({ id }) => `CloseWindowsLambdaFunction ${id}`),
        ...jobs.filter(needsFiring).map(({ id }) => `FireTimersLambdaFunction ${id}`),
      ].sort(),
    );
  });

  it('that are scheduled may be invoked by each of their rules', () => {
    const allowed = properties(prod, 'AWS::Lambda::Permission').map(({ SourceArn }) => SourceArn);
    const rules = Object.keys(ofType(prod, 'AWS::Events::Rule'));
    expect(allowed).toEqual(rules.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })));
  });
});

it.each([
  [
    'functions tell errors by the lines of their sources',
    'AWS::Lambda::Function',
    { Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } } },
  ],
  [
    'scheduled runs are not repeated, and not made up for later',
    'AWS::Lambda::EventInvokeConfig',
    { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
  ],
  [
    'what was not delivered is known for 14 days, the longest that SQS takes',
    'AWS::SQS::Queue',
    { MessageRetentionPeriod: 1_209_600 },
  ],
])('%s', (_, type, expected) => {
  for (const each of properties(prod, type)) expect(each).toMatchObject(expected);
});

it.each([
  ['refuses what osls does not know', { configValidationMode: 'error' }],
  [
    'protects the stack where it protects the results',
    { provider: { deletionProtection: `\${param:protectResults}` } },
  ],
])('the configuration %s', (_, expected) => {
  expect(parse(textOf('serverless.yml'), { merge: true })).toMatchObject(expected);
});
