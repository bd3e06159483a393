/** What follows from jobs with a repartition stream: in the template, and for a job that asks for one though it reads one stream. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import type { Definitions } from '../../../infra/local/definitions.ts';
import { undeployedJobs } from '../../../infra/local/deployedJobs.ts';
import { alarmsOf } from '../../../infra/monitoring/alarmList.ts';
import { dashboardTemplate } from '../../../infra/monitoring/dashboard.ts';
import { keyedFunctionsOf, repartitionStreamsOf } from '../../../infra/repartition.ts';
import { accessOf } from '../../../infra/roles/access.ts';
import { pascal, statementsOf } from '../../../infra/roles/policy.ts';
import type { Job, JobFamily } from '../../../shared/job/job.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import {
  type PackagedResource,
  type PackagedTemplate,
  packagedTemplate,
} from '../../support/packagedTemplate.ts';
import { textOf } from '../../tidy/repository.ts';
import { testStage } from './monitoring.ts';

const REPARTITIONED = Object.entries(INGEST_JOBS).flatMap(([name, { usual }]) => {
  const stream = repartitionStreamOf(usual);
  return stream === undefined ? [] : [{ name, stream }];
});
const PACKAGING_MS_MAX = 60_000;

describe('the template', () => {
  let template: PackagedTemplate;
  beforeAll(async () => {
    template = await packagedTemplate('prod');
  }, PACKAGING_MS_MAX);

  const propertiesOf = (id: string) => template.Resources[id]?.Properties ?? {};
  const ofType = (type: string) =>
    Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === type ? [Properties] : [],
    );
  const mappingsOf = (name: string) =>
    ofType('AWS::Lambda::EventSourceMapping').filter(({ FunctionName }) =>
      JSON.stringify(FunctionName).includes(`"${pascal(name)}LambdaFunction"`),
    );

  it('has a function and a stream for each such job, and for no other', () => {
    expect(REPARTITIONED.length).toBeGreaterThan(0);
    const streams = ofType('AWS::Kinesis::Stream').map(({ Name }) => String(Name));
    expect(streams.filter((name) => name.endsWith('-repartition'))).toEqual(
      REPARTITIONED.map(({ stream }) => `tidemark-prod-${stream}`),
    );
    const functions = ofType('AWS::Lambda::Function').map((each) => String(each['FunctionName']));
    const folders = Object.keys(INGEST_JOBS).map((name) => `tidemark-prod-${name}`);
    const others = ['closeWindows', 'fireTimers', 'api'].map((name) => `tidemark-prod-${name}`);
    expect(functions.filter((name) => ![...folders, ...others].includes(name))).toEqual(
      REPARTITIONED.map(({ name }) => `tidemark-prod-${name}Keyed`),
    );
  });

  it.each(REPARTITIONED)('has $nameKeyed like $name, but for its role', ({ name }) => {
    const [forwarder, keyed] = [name, `${name}Keyed`].map((each) => {
      const { FunctionName, Description, Role, ...alike } = propertiesOf(
        `${pascal(each)}LambdaFunction`,
      );
      return { alike: withoutArtifact(alike), Role };
    });
    expect(keyed?.alike).toMatchObject({ Handler: `functions/${name}/handler.handler` });
    expect(keyed?.alike).toEqual(forwarder?.alike);
    expect(keyed?.Role).toEqual({ 'Fn::GetAtt': [`${pascal(name)}KeyedRole`, 'Arn'] });
  });

  it.each(REPARTITIONED)('maps $stream as the sources of $name are mapped', ({ name, stream }) => {
    const [first, ...others] = mappingsOf(`${name}Keyed`);
    expect(others).toEqual([]);
    const arn = { 'Fn::GetAtt': [`${pascal(stream)}Stream`, 'Arn'] };
    expect(first?.['EventSourceArn']).toEqual(arn);
    const sources = mappingsOf(name);
    expect(sources.length).toBeGreaterThan(0);
    for (const each of sources) expect(settingsOf(first)).toEqual(settingsOf(each));
  });

  it.each(REPARTITIONED)('has $stream like the streams that are written', ({ stream }) => {
    const [its, written] = [stream, 'orders'].map((each) => {
      const { Name, ...alike } = propertiesOf(`${pascal(each)}Stream`);
      return alike;
    });
    expect(its).toHaveProperty('StreamEncryption');
    expect(its).toEqual(written);
  });
});

/** As far as mappings may be alike. */
function settingsOf(mapping: PackagedResource['Properties'] = {}) {
  const { FunctionName, EventSourceArn, ...settings } = mapping;
  return settings;
}

/** Each has its own copy of the same bytes. */
function withoutArtifact({ Code, ...others }: PackagedResource['Properties']) {
  return others;
}

/** On one stream, which is not partitioned by what the job calls a key. */
const byUser: JobFamily = asFamily({ ...orderTimeout.usual, name: 'by-user', id: 'by-user@7' });

function asFamily(declared: object): JobFamily {
  const usual = { ...declared, version: 7, repartitioned: true } as unknown as Job;
  return { name: usual.name, usual, parameters: {}, build: () => usual };
}

const JOBS = { ...INGEST_JOBS, byUser };
const { functions } = parse(textOf('serverless.yml'), { merge: true }) as {
  functions: [Record<string, { events: object[] }>, string];
};
const writtenByUser = { ...functions[0]['orderTimeout'], memorySize: 2048 };
const written: Record<string, unknown> = { ...functions[0], byUser: writtenByUser };

describe('a job that asks for a repartition stream', () => {
  it('has it, named for its version, with a parameter of its own for its shards', () => {
    const { Resources } = repartitionStreamsOf(JOBS);
    expect(Object.keys(Resources)).toEqual([
      ...REPARTITIONED.map(({ stream }) => `${pascal(stream)}Stream`),
      'ByUser7RepartitionStream',
    ]);
    expect(Resources['ByUser7RepartitionStream']?.Properties).toMatchObject({
      Name: `tidemark-\${sls:stage}-by-user-7-repartition`,
      ShardCount: `\${param:byUser7RepartitionShards, param:shards}`,
      RetentionPeriodHours: `\${param:streamRetentionHours}`,
    });
  });

  it('has it created once no more than four others are', () => {
    const many = Array.from({ length: 12 }, (_, n) => {
      return [`job${n}`, asFamily({ ...byUser.usual, name: `job-${n}` })] as const;
    });
    const { Resources } = parse(textOf('infra/streams.yml'), { merge: true }) as {
      Resources: Record<string, { DependsOn?: string }>;
    };
    const all = { ...Resources, ...repartitionStreamsOf(Object.fromEntries(many)).Resources };
    const awaited = Object.values(all).flatMap(({ DependsOn }) => DependsOn ?? []);
    expect(Object.keys(all)).toEqual(expect.arrayContaining(awaited));
    // Each is waited for by one other at most: there are as many chains as begin by themselves.
    expect(new Set(awaited).size).toBe(awaited.length);
    expect(Object.keys(all).length - awaited.length).toBeLessThanOrEqual(5);
  });

  it('has a function that reads it, with what is said of the one that forwards', () => {
    const made = keyedFunctionsOf(written, JOBS);
    expect(Object.keys(made)).toEqual([
      ...REPARTITIONED.map(({ name }) => `${name}Keyed`),
      'byUserKeyed',
    ]);
    const [{ stream }] = writtenByUser.events as [{ stream: object }];
    expect(made['byUserKeyed']).toEqual({
      ...writtenByUser,
      role: 'ByUserKeyedRole',
      description: 'Keeps the keys of by-user, of events that byUser forwards.',
      events: [
        { stream: { ...stream, arn: { 'Fn::GetAtt': ['ByUser7RepartitionStream', 'Arn'] } } },
      ],
    });
  });

  it('has none where nothing is written of the one that forwards, and none by a name that is taken', () => {
    const { orderReconcile, ...others } = written;
    expect(orderReconcile).toBeDefined();
    expect(Object.keys(keyedFunctionsOf(others, JOBS))).toEqual(['byUserKeyed']);
    expect(() => keyedFunctionsOf(written, { ...JOBS, byUserKeyed: byUser })).toThrow(
      'functions/jobs.ts has byUserKeyed, which is what the function is called that keeps the keys of by-user',
    );
  });

  it('has two roles: what forwards has no rows, and nobody puts but that and who says how far it is', () => {
    const access = accessOf(
      Object.fromEntries(Object.entries(JOBS).map(([name, { usual }]) => [name, usual])),
    );
    const [forwarder, keyed] = access.filter(({ name }) => name.startsWith('byUser'));
    expect(forwarder).toMatchObject({
      name: 'byUser',
      polls: ['orders'],
      puts: ['by-user-7-repartition'],
      results: [],
    });
    expect(keyed).toMatchObject({
      name: 'byUserKeyed',
      polls: ['by-user-7-repartition'],
      puts: [],
      state: forwarder?.state,
    });
    expect(keyed?.results[0]).toEqual({
      tables: ['order-status'],
      actions: ['BatchGetItem', 'PutItem'],
    });
    const putting = access.filter(({ puts }) => puts.length > 0).map(({ name }) => name);
    expect(putting).toEqual([...REPARTITIONED.map(({ name }) => name), 'byUser', 'fireTimers']);
    const firing = access.find(({ name }) => name === 'fireTimers');
    expect(firing?.looksInto).toEqual(expect.arrayContaining(['orders', 'by-user-7-repartition']));
    const sids =
      forwarder && statementsOf(forwarder).map((each) => ('Sid' in each ? each.Sid : ''));
    expect(sids).toContain('PutRecords');
  });

  it('has alarms of both functions, and lines of both in its graphs', async () => {
    const stage = await testStage({ more: { byUser } });
    const kindsAbout = (about: string) =>
      alarmsOf(stage).flatMap((alarm) => (alarm.about === about ? [alarm.kind] : []));
    expect(kindsAbout('byUser')).toContain('iterator-age');
    expect(kindsAbout('byUserKeyed')).toEqual(kindsAbout('byUser'));
    const body = dashboardTemplate(stage).Resources.Dashboard.Properties.DashboardBody['Fn::Sub'];
    expect(body).toContain('## by-user@7: orders, by way of by-user-7-repartition');
    expect(body).toContain('"tidemark-test-by-user-7-repartition"');
    for (const label of ['byUser, age', 'byUserKeyed, age', 'byUserKeyed, longest']) {
      expect(body).toContain(`"label":"${label}"`);
    }
  });

  it('does not run on the local stack without both functions', () => {
    const reading = (name: string, stream: string) => ({
      name,
      mappings: [{ stream: { name: stream } }],
    });
    const lacks = (...defined: object[]) =>
      undeployedJobs({ functions: defined, tables: TABLES } as unknown as Definitions, { byUser });
    const [first, second] = [
      reading('byUser', 'orders'),
      reading('byUserKeyed', 'by-user-7-repartition'),
    ];
    const said = 'the job by-user of functions/jobs.ts does not run: ';
    expect(lacks(first, second)).toEqual([]);
    expect(lacks(first)).toEqual([`${said}serverless.yml has no function byUserKeyed`]);
    expect(lacks(first, reading('byUserKeyed', 'orders'))).toEqual([
      `${said}the function byUserKeyed in serverless.yml does not read by-user-7-repartition`,
    ]);
  });
});

const TABLES = [{ name: 'order-status', partitionKey: 'orderId' }];
