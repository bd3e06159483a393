import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { JOBS } from '../../../functions/jobs.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { rateMs } from '../../../infra/local/schedules.ts';
import { resolveVariables } from '../../../infra/local/variables.ts';
import { shardsParameter } from '../../../infra/packaging/parameters.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { needsFiring } from '../../../shared/job/traits.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Written so that it does not look like a template that lost its quotes. */
const variable = (expression: string): string => `\${${expression}}`;

describe('the definitions', () => {
  it('carry the names and parameters of their stage', () => {
    const { streams, tables, environment } = readDefinitions({ root: ROOT, stage: 'local' });
    expect(streams.map(({ name }) => name)).toContain('user-behavior');
    expect(streams[0]?.physicalName).toBe('tidemark-local-user-behavior');
    expect(tables.find(({ name }) => name === 'pvuv')).toEqual({
      name: 'pvuv',
      physicalName: 'tidemark-local-pvuv',
      partitionKey: 'site',
      sortKey: 'windowEnd',
      indexes: [],
    });
    expect(tables.find(({ name }) => name === 'order-status')).toEqual({
      name: 'order-status',
      physicalName: 'tidemark-local-order-status',
      partitionKey: 'orderId',
      indexes: [
        { name: 'problems', partitionKey: 'problem', sortKey: 'problemAt', projection: 'ALL' },
      ],
    });
    expect(tables.find(({ name }) => name === 'user-profile')?.indexes).toEqual([
      {
        name: 'groups',
        partitionKey: 'windowGroup',
        sortKey: 'groupMember',
        projection: 'KEYS_ONLY',
      },
    ]);
    expect(environment['TIDEMARK_FLUSH_AFTER']).toBe('30s');
    const dev = readDefinitions({ root: ROOT, stage: 'dev' });
    expect(dev.environment['TIDEMARK_FLUSH_AFTER']).toBe('5min');
  });

  it('give every mapping as Lambda would run it', () => {
    const { functions } = readDefinitions({ root: ROOT, stage: 'local' });
    const hotItems = functions.find(({ name }) => name === 'hotItems');
    expect(hotItems?.physicalName).toBe('tidemark-local-hotItems');
    expect(hotItems?.mappings).toEqual([
      expect.objectContaining({
        functionName: 'hotItems',
        startingPosition: 'TRIM_HORIZON',
        onPartialFailure: 'retryFromLowestReported',
        onError: 'bisect',
      }),
    ]);
    expect(functions.find(({ name }) => name === 'fireTimers')?.schedules).toEqual(
      JOBS.map(({ usual }) => usual)
        .filter(needsFiring)
        .map(({ id }) => ({
          rate: 'rate(1 minute)',
          input: { source: 'tidemark.schedule', job: id },
        })),
    );
  });

  it('take overrides of parameters', () => {
    const { streams } = readDefinitions({ root: ROOT, stage: 'local', parameters: { shards: 7 } });
    expect(streams[0]?.shards).toBe(7);
  });

  it('may be of a stage that has nothing of its own', () => {
    const root = changedProject((text) =>
      text.replace('  prod:\n', '  mine:\n  other: { shards: null }\n  prod:\n'),
    );
    expect(readDefinitions({ root, stage: 'mine' }).streams[0]?.shards).toBe(2);
    expect(readDefinitions({ root, stage: 'other' }).streams[0]?.shards).toBe(2);
  });

  it("let a stream's own number of shards go before that of all", () => {
    const parameters = { shards: 7, pageViewsShards: 1 };
    const { streams } = readDefinitions({ root: ROOT, stage: 'local', parameters });
    const shards = Object.fromEntries(streams.map((stream) => [stream.name, stream.shards]));
    expect(shards).toMatchObject({ 'user-behavior': 7, 'page-views': 1 });
  });

  it('refuse an event source property that the runner would ignore', () => {
    const root = changedProject((text) =>
      text.replace('parallelizationFactor: 1', 'tumblingWindowInSeconds: 30'),
    );
    expect(() => readDefinitions({ root, stage: 'local' })).toThrow(/functions\.hotItems\.events/);
  });

  it('have the API apart: it is served, with variables of its own', () => {
    const { functions, apiEnvironment } = readDefinitions({
      root: ROOT,
      stage: 'local',
      parameters: { pseudonymKey: 'a-key-of-more-than-20-characters' },
    });
    expect(functions.map(({ name }) => name)).not.toContain('api');
    expect(apiEnvironment).toEqual({
      TIDEMARK_BATCH_WINDOW_SECONDS: '1',
      TIDEMARK_API_TOKEN: '',
      TIDEMARK_PSEUDONYM_KEY: 'a-key-of-more-than-20-characters',
    });
  });

  it("take the variables of the API's function alone, and none where there is no such function", () => {
    const other =
      '    other: { handler: functions/pvuv/handler.handler, timeout: 60, url: true, environment: { TIDEMARK_API_TOKEN: x } }';
    const two = changedProject((text) => text.replace('    api:\n', `${other}\n\n    api:\n`));
    const none = changedProject((text) => text.replace('    api:\n', '    other:\n'));
    const variablesIn = (root: string) => readDefinitions({ root, stage: 'local' }).apiEnvironment;
    expect(variablesIn(two)).toEqual(variablesIn(ROOT));
    expect(variablesIn(two)).toHaveProperty('TIDEMARK_API_TOKEN', '');
    expect(variablesIn(none)).toBeUndefined();
  });

  it('have the functions and streams that are generated, with the variables in them', () => {
    const name = repartitionStreamOf(orderReconcile.usual) ?? '';
    const parameters = { [shardsParameter(name)]: 5, batchWindowSeconds: 3 };
    const { functions, streams } = readDefinitions({ root: ROOT, stage: 'local', parameters });
    const named = (wanted: string) => functions.find((each) => each.name === wanted);
    const [forwarder, keyed] = [named('orderReconcile'), named('orderReconcileKeyed')];
    expect(keyed?.handler).toBe(forwarder?.handler);
    const [source] = forwarder?.mappings ?? [];
    const stream = { name, physicalName: `tidemark-local-${name}`, shards: 5 };
    expect(streams).toContainEqual(stream);
    expect(keyed?.mappings).toEqual([
      {
        ...source,
        name: `orderReconcileKeyed/${name}`,
        functionName: 'orderReconcileKeyed',
        batchWindowSeconds: 3,
        stream,
      },
    ]);
  });

  it('may have their functions in one map', () => {
    const root = changedProject((text) =>
      text
        .replace('functions:\n  - hotItems:', 'functions:\n    hotItems:')
        .replace(/^ {2}- \$\{file\(infra\/generated\.js\):keyedFunctions\}\n/m, ''),
    );
    const names = readDefinitions({ root, stage: 'local' }).functions.map(({ name }) => name);
    expect(names).toContain('orderReconcile');
    expect(names).not.toContain('orderReconcileKeyed');
  });

  it('refuse variables of one function among those that are invoked', () => {
    const root = changedProject((text) =>
      text.replace('      role: PvuvRole\n', '      role: PvuvRole\n      environment: { A: b }\n'),
    );
    expect(() => readDefinitions({ root, stage: 'local' })).toThrow(
      /functions\.pvuv\.environment: functions share one environment/,
    );
  });

  it('name the place of a variable that they do not know', () => {
    const root = changedProject((text) =>
      text.replace('runtime: nodejs24.x', `runtime: ${variable('ssm:/runtime')}`),
    );
    expect(() => readDefinitions({ root, stage: 'local' })).toThrow(
      `provider.runtime: the local stack does not know the variable ${variable('ssm:/runtime')}`,
    );
  });
});

describe('variables', () => {
  const self = { provider: { memory: 512, name: `x-${variable('sls:stage')}` } };
  const context = {
    root: ROOT,
    stage: 'test',
    parameters: { n: 3 },
    self,
    generated: { list: [1], withVariables: { n: `\${param:n}`, of: [`\${sls:stage}`] } },
  };
  const resolve = (value: unknown) => resolveVariables(value, context, 'here');

  it('keep their type where they stand alone', () => {
    expect(resolve({ a: variable('param:n'), b: variable('self:provider.memory') })).toEqual({
      a: 3,
      b: 512,
    });
  });

  it('are spliced into text, also where their values have some', () => {
    expect(
      resolve([
        `n=${variable('param:n')} at ${variable('sls:stage')}`,
        variable('self:provider.name'),
      ]),
    ).toEqual(['n=3 at test', 'x-test']);
  });

  it('have what scripts generate where the caller gives it, and nothing where not', () => {
    expect(resolve(variable('file(infra/generated.js):list'))).toEqual([1]);
    expect(resolve(variable('file(infra/generated.js):roles'))).toEqual({});
  });

  it('are replaced in what scripts generate, too', () => {
    expect(resolve(variable('file(infra/generated.js):withVariables'))).toEqual({
      n: 3,
      of: ['test'],
    });
  });

  it("leave CloudFormation's own alone", () => {
    expect(resolve(`arn:${variable('AWS::Partition')}:${variable('sls:stage')}`)).toBe(
      `arn:${variable('AWS::Partition')}:test`,
    );
    expect(resolve(variable('AWS::Region'))).toBe(variable('AWS::Region'));
  });

  it('take the first alternative that has a value', () => {
    expect(resolve(variable('param:other, param:n'))).toBe(3);
    expect(resolve(variable('param:n, self:provider.memory'))).toBe(3);
  });

  it('are refused inside each other', () => {
    expect(() => resolve(variable(`param:${variable('sls:stage')}`))).toThrow(
      /^here: the local stack does not know a variable inside another/,
    );
  });

  it('do not see the environment: the local stack is the same on every machine', () => {
    expect(process.env['PATH']).toBeDefined();
    expect(resolve(variable('env:PATH, param:n'))).toBe(3);
  });

  it('leave out what scripts generate', () => {
    expect(resolve(variable('file(infra/generated.js):roles'))).toEqual({});
  });

  it.each([
    variable('param:other'),
    variable('param:other, env:PATH'),
    `x ${variable('self:provider.nothing')}`,
  ])('are an error without value: %s', (text) => {
    expect(() => resolve(text)).toThrow(/^here: .* has no value$/);
  });
});

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(2 hours)', 7_200_000],
  ])('%s runs every %i ms', (schedule, ms) => {
    expect(rateMs(schedule)).toBe(ms);
  });

  it('of another form is refused', () => {
    expect(() => rateMs('cron(0 * * * ? *)')).toThrow(/does not know the schedule/);
  });
});

/** A copy of the project's definitions with another serverless.yml. */
function changedProject(change: (text: string) => string): string {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  cpSync(join(ROOT, 'infra'), join(root, 'infra'), { recursive: true });
  const text = readFileSync(join(ROOT, 'serverless.yml'), 'utf8');
  writeFileSync(join(root, 'serverless.yml'), change(text));
  return root;
}
