/** The parameters of a stage (`params` in serverless.yml, or --param), checked before anything is made of them. */
import { z } from 'zod';
import { JOBS } from '../../functions/jobs.ts';
import { JobDefinitionError } from '../../shared/errors.ts';
import { parseDuration } from '../../shared/job/parameters.ts';
import { laneStreamsOf } from '../../shared/job/repartition.ts';
import { SECRET, SECRET_RULE } from '../../shared/lambda/contract.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { hours } from '../../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../../shared/runtime/settings.ts';

/** What osls gives to a function that it includes. */
export interface Variables {
  resolveVariable(name: string): Promise<unknown>;
  resolveConfigurationProperty(path: readonly string[]): Promise<unknown>;
}

interface GivenVariables extends Variables {
  /** Of the command line. */
  readonly options: { readonly param?: string | readonly string[] };
}

const RETENTION_HOURS_MAX = DEFAULT_SETTINGS.streamRetention / hours(1);

/** A number as CloudFormation reads it from a text: decimal, whole, not negative. */
const decimal = (message: string, isRight: (value: number) => boolean) =>
  z
    .union([z.int().nonnegative(), z.string().regex(/^\d+$/, message)], message)
    .refine((value) => isRight(Number(value)), message);
const wholeNumber = (min: number, max: number) =>
  decimal(`give a whole number from ${min} to ${max}`, (value) => value >= min && value <= max);

const text = (pattern: RegExp, message: string) => z.string().regex(pattern, message);
const duration = z.string().refine(isDuration, 'write a duration such as 500ms, 5s, 15min or 1h');
/** What CloudWatch knows. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653,
];
const ADDRESS = 'give an address such as you@example.org';
const shards = wholeNumber(1, 10_000);

const secret = z.union([z.literal(''), text(SECRET, SECRET_RULE)], SECRET_RULE);
/** What they are is never said. */
const SECRETS = { apiToken: secret, pseudonymKey: secret };

const VALUES: Readonly<Record<string, z.ZodType>> = {
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write a region such as eu-central-1'),
  architecture: z.enum(['arm64', 'x86_64'], 'choose arm64 or x86_64'),
  shards,
  ...Object.fromEntries([...new Set(JOBS.flatMap(streamsIn))].map((name) => [name, shards])),
  // The engine counts on no stream keeping its records for longer.
  streamRetentionHours: wholeNumber(24, RETENTION_HOURS_MAX),
  batchWindowSeconds: wholeNumber(0, 300),
  flushAfter: z.union([z.literal('never'), duration], 'write a duration such as 5min, or never'),
  idleAfter: duration,
  lease: duration,
  encryptionKey: text(
    /^$|^arn:[^:]+:kms:[^:]+:\d+:key\/.+$/,
    'give the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>',
  ),
  protectResults: z.union([z.boolean(), z.enum(['true', 'false'])], 'write true or false'),
  logRetentionDays: decimal(`give one of ${LOG_RETENTION_DAYS.join(', ')}`, (days) =>
    LOG_RETENTION_DAYS.includes(days),
  ),
  alarmEmail: z.union([z.literal(''), z.email(ADDRESS)], ADDRESS),
  ...SECRETS,
};

/** What is wrong with the parameters, one line each. Those that serverless.yml adds for itself may be anything. */
async function parameterProblems(variables: GivenVariables): Promise<readonly string[]> {
  const stage = String(await variables.resolveVariable('sls:stage'));
  const sets = await variables.resolveConfigurationProperty(['params']);
  const declared = Object.entries(paramsSchema.parse(sets ?? {})).flatMap(([name, set]) =>
    name === 'default' || name === stage ? Object.keys(set ?? {}) : [],
  );
  const given = [variables.options.param ?? []].flat().map((each) => each.split('=')[0] ?? '');
  const known = new Set([...Object.keys(VALUES), ...declared]);
  const unknown = given.filter((name) => !known.has(name));
  const values = await Promise.all(
    [...new Set([...declared, ...given])].map((name) => problemOf(name, variables)),
  );
  const elsewhere = process.env['AWS_REGION'];
  return [
    ...(given.includes('region') && elsewhere
      ? [
          `The parameter region is given, but AWS_REGION is set to ${elsewhere}, which goes before it.`,
        ]
      : []),
    ...unknown.map(
      (name) => `There is no parameter "${name}"; there are ${[...known].join(', ')}.`,
    ),
    ...values.filter((problem) => problem !== undefined),
  ];
}

const paramsSchema = z.record(z.string(), z.record(z.string(), z.unknown()).nullish());

async function problemOf(name: string, variables: Variables): Promise<string | undefined> {
  const schema = VALUES[name];
  if (!schema) return undefined;
  const value = await variables.resolveVariable(`param:${name}`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return undefined;
  const what = name in SECRETS ? `has ${String(value).length} characters` : `is "${value}"`;
  return `The parameter ${name} ${what}: ${parsed.error.issues[0]?.message}.`;
}

/** Throws JobDefinitionError, with a line for each parameter that is wrong. */
export async function checkParameters(variables: GivenVariables): Promise<void> {
  const problems = await parameterProblems(variables);
  if (problems.length > 0) throw new JobDefinitionError(problems.join('\n'));
}

function isDuration(value: string): boolean {
  try {
    parseDuration(value, '');
    return true;
  } catch {
    return false;
  }
}

/** For each stream of the job, its own among them. */
function streamsIn(family: (typeof JOBS)[number]): readonly string[] {
  return laneStreamsOf(family.build()).map(shardsParameter);
}

/** `userBehaviorShards` */
export function shardsParameter(stream: StreamName): string {
  return `${stream.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Shards`;
}
