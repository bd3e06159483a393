/** What `osls package` makes of each stage: the settings that keep data, and the parameters that change them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import {
  type PackagedResource,
  type PackagedTemplate,
  packagedTemplate,
} from '../../support/packagedTemplate.ts';

const PACKAGING_MS_MAX = 60_000;
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/a';

let prod: PackagedTemplate;
let dev: PackagedTemplate;
let local: PackagedTemplate;

beforeAll(async () => {
  prod = await packagedTemplate('prod');
  dev = await packagedTemplate('dev', {
    shards: 3,
    ordersShards: 5,
    encryptionKey: KEY,
    batchWindowSeconds: 30,
    architecture: 'x86_64',
    logRetentionDays: 7,
  });
  local = await packagedTemplate('local');
}, PACKAGING_MS_MAX);

function ofType(template: PackagedTemplate, type: string): Record<string, PackagedResource> {
  const found = Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
  expect(found.length).toBeGreaterThan(0);
  return Object.fromEntries(found);
}
const properties = (template: PackagedTemplate, type: string) =>
  Object.values(ofType(template, type)).map(({ Properties }) => Properties);

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
    expect(expiring.sort()).toEqual(['OrderStatusTable', 'ReconciliationTable', 'StateTable']);
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
  it('have the shards of their stage, or their own', () => {
    const shards = properties(dev, 'AWS::Kinesis::Stream').map(({ Name, ShardCount }) => [
      Name,
      ShardCount,
    ]);
    const counts = Object.fromEntries(shards) as Record<string, unknown>;
    expect(Number(counts['tidemark-dev-orders'])).toBe(5);
    expect(Number(counts['tidemark-dev-logins'])).toBe(3);
  });
});

describe('mappings', () => {
  it('exist for every stream of every job, and never give up', () => {
    const mappings = properties(prod, 'AWS::Lambda::EventSourceMapping');
    const sources = Object.values(INGEST_JOBS).flatMap((family) => family.build().sources);
    expect(mappings).toHaveLength(sources.length);
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

  it('that are scheduled run each minute, and are not invoked again when they fail', () => {
    const rules = properties(prod, 'AWS::Events::Rule');
    expect(rules).toHaveLength(2);
    for (const rule of rules) expect(rule).toMatchObject({ ScheduleExpression: 'rate(1 minute)' });
    for (const each of properties(prod, 'AWS::Lambda::EventInvokeConfig')) {
      expect(each).toMatchObject({ MaximumRetryAttempts: 0 });
    }
  });
});
