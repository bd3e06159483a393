/**
 * The shapes of `serverless.yml` and its CloudFormation resources, as far as the local stack acts on them.
 * Event sources are strict: a property it would ignore is refused, so nothing runs differently here.
 */
import { z } from 'zod';

const streamEvent = z.strictObject({
  type: z.literal('kinesis'),
  arn: z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  batchSize: z.int().min(1).max(10_000),
  batchWindow: z.int().min(0).max(300).default(0),
  startingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  parallelizationFactor: z.literal(1),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
  bisectBatchOnFunctionError: z.boolean().default(false),
  // Lambda's defaults and the only ones here. Nothing is given up, so nothing goes to the queue for what is.
  maximumRetryAttempts: z.literal(-1).optional(),
  maximumRecordAgeInSeconds: z.literal(-1).optional(),
  destinations: z.unknown().optional(),
});

const scheduleEvent = z.strictObject({
  schedule: z.strictObject({
    rate: z.tuple([z.string()]),
    description: z.string().optional(),
    input: z.record(z.string(), z.unknown()),
  }),
});

const functionEvent = z.union([z.strictObject({ stream: streamEvent }), scheduleEvent]);

const lambdaFunction = z.strictObject({
  handler: z.string().regex(/^[\w/]+\.\w+$/),
  description: z.string().optional(),
  // Permissions are not enforced here.
  role: z.string().optional(),
  timeout: z.int().min(1).max(900),
  memorySize: z.int().optional(),
  // Of asynchronous invocations, which fail here only if the handler does, and are not repeated.
  maximumRetryAttempts: z.literal(0).optional(),
  maximumEventAge: z.int().optional(),
  events: z.array(functionEvent).default([]),
  // Of the API, which the local stack serves by itself, with its variables. Who may call the URL is AWS's affair.
  url: z.unknown().optional(),
  environment: z.record(z.string(), z.coerce.string()).default({}),
});

const kinesisStream = z.object({
  Type: z.literal('AWS::Kinesis::Stream'),
  Properties: z.object({ Name: z.string(), ShardCount: z.int().min(1) }),
});

const keyPart = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });

const secondaryIndex = z.object({
  IndexName: z.string(),
  KeySchema: z.tuple([keyPart, keyPart]),
  Projection: z.strictObject({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
});

const dynamoTable = z.object({
  Type: z.literal('AWS::DynamoDB::Table'),
  Properties: z.object({
    TableName: z.string(),
    KeySchema: z.union([z.tuple([keyPart]), z.tuple([keyPart, keyPart])]),
    GlobalSecondaryIndexes: z.array(secondaryIndex).default([]),
    AttributeDefinitions: z.array(
      z.object({ AttributeName: z.string(), AttributeType: z.literal('S') }),
    ),
  }),
});

const otherResource = z.object({
  Type: z.string().refine((type) => !/^AWS::(Kinesis::Stream|DynamoDB::Table)$/.test(type)),
});

const functions = z.record(
  z.string(),
  lambdaFunction.refine(({ url, environment }) => url || Object.keys(environment).length === 0, {
    path: ['environment'],
    error: 'functions share one environment',
  }),
);

export const document = z.object({
  service: z.string(),
  provider: z.object({
    region: z.string(),
    memorySize: z.int(),
    environment: z.record(z.string(), z.coerce.string()),
  }),
  // One map, or several: what is written, and what is generated beside it.
  functions: z.preprocess(inOneMap, functions),
  resources: z.array(
    z.object({
      Resources: z
        .record(z.string(), z.union([kinesisStream, dynamoTable, otherResource]))
        .default({}),
    }),
  ),
});

function inOneMap(listed: unknown): unknown {
  return Array.isArray(listed) ? Object.assign({}, ...listed) : listed;
}

export type Template = z.output<typeof document>;
export type Resource = Template['resources'][number]['Resources'][string];
export type StreamEvent = z.output<typeof streamEvent>;
export type ScheduleEvent = z.output<typeof scheduleEvent>;
export type StreamResource = z.output<typeof kinesisStream>;
export type TableResource = z.output<typeof dynamoTable>;

/** `params` of `serverless.yml`: values by name, by stage. */
export const parameterSets = z.object({
  params: z.record(z.string(), z.record(z.string(), z.unknown()).nullish()).default({}),
});
