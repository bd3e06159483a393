import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { checkParameters, shardsParameter } from '../../../infra/packaging/parameters.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';

type Values = Readonly<Record<string, unknown>>;

const { params } = parse(
  readFileSync(new URL('../../../serverless.yml', import.meta.url), 'utf8'),
  { merge: true },
) as { params: Record<string, Values> };

/** osls as far as the parameters go: the command line before the stage before the defaults. */
function variables(stage: string, given: readonly string[] = [], sets = params) {
  const values: Values = {
    ...sets['default'],
    ...sets[stage],
    ...Object.fromEntries(given.map((text) => text.split('='))),
  };
  return {
    options: { param: given },
    resolveVariable: async (name: string) =>
      name === 'sls:stage' ? stage : values[name.replace('param:', '')],
    resolveConfigurationProperty: async () => sets,
  };
}

/** Line by line. */
const problemsOf = (given: ReturnType<typeof variables>): Promise<string[]> =>
  checkParameters(given).then(
    () => [],
    (error: unknown) => (error as Error).message.split('\n'),
  );

describe('the parameters', () => {
  beforeEach(() => void vi.stubEnv('AWS_REGION', undefined));

  it.each(['dev', 'prod', 'local'])('of %s are right', async (stage) => {
    expect(await problemsOf(variables(stage))).toEqual([]);
  });

  it.each([
    'shards=1',
    'ordersShards=10000',
    `${shardsParameter(repartitionStreamOf(orderReconcile.usual) ?? '')}=4`,
    'streamRetentionHours=24',
    'streamRetentionHours=168',
    'batchWindowSeconds=0',
    'batchWindowSeconds=300',
    'flushAfter=never',
    'idleAfter=500ms',
    'protectResults=true',
    'architecture=x86_64',
    'region=us-gov-west-1',
    'alarmEmail=a@b.example',
    'apiToken=abcdefghij-._~+/ABC123456789',
    'pseudonymKey=abcdefghij0123456789',
    'encryptionKey=arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1',
  ])('take %s', async (given) => {
    expect(await problemsOf(variables('dev', [given]))).toEqual([]);
  });

  it.each([
    ['shards=0', 'shards is "0": give a whole number from 1'],
    ['shards=0x2', 'shards is "0x2"'],
    ['shards=1e1', 'shards is "1e1"'],
    ['shards=2.5', 'shards is "2.5": give a whole number'],
    ['ordersShards=many', 'ordersShards is "many"'],
    ['streamRetentionHours=23', 'from 24 to 168'],
    ['streamRetentionHours=169', 'from 24 to 168'],
    ['batchWindowSeconds=301', 'from 0 to 300'],
    ['flushAfter=5', 'flushAfter is "5"'],
    ['idleAfter=never', 'idleAfter is "never": write a duration'],
    ['protectResults=yes', 'write true or false'],
    ['architecture=x86', 'choose arm64 or x86_64'],
    ['region=Frankfurt', 'such as eu-central-1'],
    ['logRetentionDays=20', 'give one of 1, 3, 5'],
    ['alarmEmail=me', 'such as you@example.org'],
    ['encryptionKey=alias/mine', 'the ARN of a KMS key'],
    ['apiToken=abcdefghij012345678', 'apiToken has 19 characters: give 20 to 256 letters'],
    ['apiToken=abcdefghij 0123456789', 'apiToken has 21 characters: give 20 to 256 letters'],
    ['pseudonymKey=secret', 'pseudonymKey has 6 characters: give 20 to 256'],
  ])('refuse %s and say what to give', async (given, problem) => {
    const problems = await problemsOf(variables('dev', [given]));
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it('do not repeat a secret that is refused', async () => {
    const problems = await problemsOf(variables('dev', ['apiToken=guess me']));
    expect(problems.join()).not.toContain('guess');
  });

  it('refuse a name on the command line that nothing reads', async () => {
    const [problem, ...others] = await problemsOf(variables('dev', ['shard=4']));
    expect(problem).toMatch(/^There is no parameter "shard"; there are .*\bshards\b/);
    expect(others).toEqual([]);
  });

  it('say that a region is given twice', async () => {
    expect(await problemsOf(variables('dev', ['region=eu-west-1']))).toEqual([]);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const [problem] = await problemsOf(variables('dev', ['region=eu-west-1']));
    expect(problem).toContain('AWS_REGION is set to us-east-1');
  });

  it('may have more in serverless.yml, which are its own affair', async () => {
    const sets = { ...params, dev: { ...params['dev'], mine: 'x' } };
    expect(await problemsOf(variables('dev', ['mine=y'], sets))).toEqual([]);
  });
});
