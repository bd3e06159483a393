/**
 * The whole system on a LocalStack-compatible server, as its user deploys it: commands in processes of their own, real
 * functions behind the server's mappings and schedules. Steps in order; each builds on the one before it.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { TablesAnswer } from '../../functions/api/contract/answers.ts';
import { INGEST_JOBS, JOBS } from '../../functions/jobs.ts';
import { ingestFunctionsOf } from '../../infra/ingestFunctions.ts';
import { dynamoClient } from '../../shared/adapters/aws/clients.ts';
import { tablesOf } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { functionToNudge } from '../../shared/job/traits.ts';
import { addCounts, totalOf } from '../../shared/model/counts.ts';
import type { Item } from '../../shared/ports/table.ts';
import { comparable } from '../integration/rows.ts';
import { startDashboard } from '../support/dashboardProcess.ts';
import { copyProject } from '../support/projectCopy.ts';
import { apiOf, keyAskedFor, listedBy, toBeListed } from './api.ts';
import { askedAll } from './askedAll.ts';
import { configure, failAfterWork, failBeforeWork, unfailed } from './breakage.ts';
import { type Deployment, deploymentOn, SECRET, STAGE } from './deployment.ts';
import { type Emulator, PATH, startEmulator } from './emulator.ts';
import { eventually } from './eventually.ts';
import {
  type Expected,
  PARTS,
  partFile,
  runInProcess,
  SAMPLES,
  SEED,
  SHARDS,
  STREAMS,
  sizeOf,
  writeParts,
} from './inputs.ts';
import { resourcesOn } from './leftovers.ts';
import { deployWithParameters, runOptions } from './parameters.ts';
import { type Stage, stageOf } from './stage.ts';

const tools = inject('tools');
const FOLDERS = readdirSync(new URL('../../functions', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** With those that are made of the jobs. */
const FUNCTIONS = [
  ...new Set([
    ...FOLDERS,
    ...Object.entries(INGEST_JOBS).flatMap(([name, { usual }]) =>
      ingestFunctionsOf(name, usual).map((each) => each.name),
    ),
  ]),
];
/** One of each kind of job. */
const FAILING = { afterWork: ['pvuv', 'orderTimeout', 'adBlacklist'], beforeWork: 'hotItems' };
const SCHEDULED = ['closeWindows', 'fireTimers'];
const NUDGED = [...new Set(JOBS.flatMap(({ usual }) => functionToNudge(usual) ?? []))];
const NUDGED_MS_MAX = 20_000;
const FAILED_MS_MAX = 30_000;
const NEW_RELEASE = 'a new release has started';

describe.skipIf(tools.missing)('the deployment', () => {
  let folder: string;
  let emulator: Emulator;
  let deployment: Deployment;
  let lambda: LambdaClient;
  let stage: Stage;
  /** What an in-process run makes of the first part, of two parts, of all. */
  const expected: Expected[][] = [];
  const expectedAfter = (parts: number): Expected[] => expected[parts - 1] ?? [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-deploy-'));
    emulator = await startEmulator({ python: tools.python ?? '', folder });
    const { endpoint } = emulator;
    deployment = deploymentOn({ endpoint, folder, python: tools.python ?? '' });
    copyProject(deployment.project);
    deployWithParameters(deployment.project);
    // This process's own clients, too: nothing of the shell's, such as a profile, goes before it.
    for (const name of Object.keys(process.env)) if (/^AWS_/.test(name)) delete process.env[name];
    Object.assign(process.env, deployment.variables);
    lambda = new LambdaClient({});
    stage = stageOf(dynamoClient(), lambda);
    for (const stream of STREAMS) {
      const size = String(SAMPLES[stream]);
      const args = ['generate', stream, '--seed', String(SEED), '--events', size];
      writeParts(folder, stream, (await deployment.tidemark(...args)).out);
    }
    for (let parts = 1; parts <= PARTS; parts += 1) {
      expected.push(await runInProcess(folder, parts));
    }
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(`the emulator's log:\n${emulator.logTail()}`);
  });
  afterAll(() => emulator?.stop());

  const deploy = async () => {
    const { text } = await deployment.osls('deploy', '--stage', STAGE);
    expect(text).not.toContain(SECRET);
    return text;
  };
  const put = async (part: number) => {
    for (const stream of STREAMS) {
      const file = partFile(folder, stream, part);
      const { out } = await deployment.tidemark('put', stream, file, '--stage', STAGE);
      expect(out).toContain(`${sizeOf(folder, stream, part)} events put`);
    }
  };
  const counts = () => Promise.all(JOBS.map((family) => stage.counts(family.build().id)));
  const expectLogged = async (text: string, names: readonly string[]) => {
    for (const [name, log] of await deployment.logsOf(names)) {
      expect(log, name).toContainEqual(expect.stringContaining(text));
    }
  };
  const countsAfter = (parts: number) => expectedAfter(parts).map(({ counts }) => counts);

  it('is made by one command, which lists every function', async () => {
    const text = await deploy();
    expect(text).toContain(`Service deployed to stack tidemark-${STAGE}`);
    for (const name of FUNCTIONS) expect(text).toContain(`${name}: tidemark-${STAGE}-${name} (`);
    const resources = await resourcesOn(deployment);
    for (const [kind, found] of resources) expect(found.length, kind).toBeGreaterThan(0);
    for (const kind of ['functions', 'log groups', 'roles']) {
      expect(resources.get(kind), kind).toHaveLength(FUNCTIONS.length);
    }
    const template = join(
      deployment.project,
      '.serverless/cloudformation-template-update-stack.json',
    );
    expect(readFileSync(template, 'utf8')).not.toContain(SECRET);
  });

  it('takes events of all streams and counts each as an in-process run does', async () => {
    await put(1);
    await stage.counted(expectedAfter(1));
    expect(await counts()).toEqual(countsAfter(1));
    // Before their first schedule: ingest functions nudge them.
    await eventually('a nudge of each function that is nudged', NUDGED_MS_MAX, async () => {
      const logs = await deployment.logsOf(NUDGED);
      const silent = NUDGED.filter((name) => logs.get(name)?.length === 0);
      return silent.length === 0 ? { done: true } : { missing: `${silent} logged nothing` };
    });
  });

  it('is not touched by a deployment without changes', async () => {
    expect(await deploy()).toContain('No changes to deploy. Deployment skipped.');
  });

  it('ends with the rows of an in-process run once its schedules have run', async () => {
    await stage.scheduled(expectedAfter(1));
    // A nudge knows nothing of the time: only a run on schedule says how far the job lags behind it.
    await expectLogged('WatermarkLag', SCHEDULED);
  });

  it('shows in each table what `tidemark run` prints for the same files', async () => {
    const json = ['--format', 'json'];
    for (const { job } of expectedAfter(1)) {
      const inputs = streamsOf(job).flatMap((stream) => [
        '--input',
        `${stream}=${partFile(folder, stream, 1)}`,
      ]);
      const tables = tablesOf(job).map(({ name }) => name);
      const options = [...runOptions(job.name), '--lanes', String(SHARDS), ...json];
      const [run, ...stored] = await Promise.all([
        deployment.tidemark('run', job.name, ...inputs, ...options),
        ...tables.map((name) => deployment.tidemark('results', name, '--stage', STAGE, ...json)),
      ]);
      const printed = rowsIn(run.out);
      expect(printed.length, job.name).toBeGreaterThan(0);
      for (const [i, name] of tables.entries()) {
        const rows = comparable(printed.filter(({ table }) => table === name));
        expect(comparable(rowsIn(stored[i]?.out ?? '')), name).toEqual(rows);
      }
    }
  });

  it('answers at the URL of its API who signs, and nobody else', async () => {
    const api = await apiOf(deployment);
    expect((await api.get('/v1/health')).status).toBe(403);
    expect((await api.get('/')).status).toBe(403);
    expect(await api.signed('/v1/health')).toEqual({ status: 'ok', stage: STAGE });
  });

  it('answers by HTTP with the rows of its tables', async () => {
    const api = await apiOf(deployment);
    const { tables } = (await api.signed('/v1/tables')) as TablesAnswer;
    expect(tables).toHaveLength(expectedAfter(1).flatMap(({ rows }) => [...rows]).length);
    for (const table of tables) {
      const rows = await stage.rows(table.name);
      const key = keyAskedFor(table, rows);
      const stored = toBeListed(table, rows, key);
      expect(stored.length, table.name).toBeGreaterThan(0);
      expect(comparable(await listedBy(api, table, key)), table.name).toEqual(comparable(stored));
    }
  });

  it('is shown on this machine, by an API that holds to what it says of itself', async () => {
    const env = { PATH, HOME: folder, ...deployment.variables };
    const dashboard = await startDashboard(['--stage', STAGE], env);
    const { code, text } = await askedAll(dashboard.address, {
      command: tools.schemathesis ?? '',
      folder,
    });
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining('No issues found') });
    expect(await dashboard.stop()).toEqual({ code: 0, err: '' });
  });

  it('keeps state and results over a change of code, and counts on from there', async () => {
    const source = join(deployment.project, 'shared/lambda/environment.ts');
    appendFileSync(source, `\nconsole.log('${NEW_RELEASE}');\n`);
    expect(await deploy()).toContain(`Service deployed to stack tidemark-${STAGE}`);
    expect(await counts()).toEqual(countsAfter(1));
    expect(await stage.differences(expectedAfter(1))).toEqual([]);
    await put(2);
    await stage.counted(expectedAfter(2));
    await stage.flushed(expectedAfter(2));
    expect(await counts()).toEqual(countsAfter(2));
    // What nobody asks does not start.
    await (await apiOf(deployment)).signed('/v1/health');
    await expectLogged(NEW_RELEASE, FUNCTIONS);
  });

  it('loses and doubles nothing when functions fail for a while', async () => {
    for (const name of FAILING.afterWork) await failAfterWork(lambda, name);
    const settings = await failBeforeWork(lambda, FAILING.beforeWork);
    await put(3);
    await eventually('batches to fail and come again', FAILED_MS_MAX, async () => {
      const waiting = await unfailed({ deployment, lambda }, FAILING);
      return waiting.length === 0 ? { done: true } : { missing: waiting.join(', ') };
    });
    for (const { job, counts: before } of expectedAfter(2)) {
      const counted = totalOf(await stage.counts(job.id)) - totalOf(before);
      if (job.name === 'hot-items') expect(counted).toBe(0);
      else expect(counted, job.name).toBeGreaterThan(0);
    }
    for (const name of FAILING.afterWork) {
      await deployment.osls('deploy', 'function', '--stage', STAGE, '--function', name);
    }
    await configure(lambda, FAILING.beforeWork, settings);
    const tables = expectedAfter(3).flatMap(({ rows }) => [...rows]);
    for (const [table, rows] of tables) expect(rows.length, table).toBeGreaterThan(0);
    await stage.counted(expectedAfter(3));
    await stage.flushed(expectedAfter(3));
    expect(await counts()).toEqual(countsAfter(3));
    const sum = countsAfter(3).reduce(addCounts);
    expect(Math.min(sum.accepted, sum.filtered, sum.late, sum.dead)).toBeGreaterThan(0);
  });

  it('opens its API to whoever has the token, which is read from where it is kept', async () => {
    const [Name, Value] = ['/tidemark/api-token', 'a-token-of-more-than-20-characters'];
    await deployment.calls(['ssm', 'put_parameter', { Name, Value, Type: 'SecureString' }]);
    const parameter = `apiToken=\${ssm:${Name}}`;
    const { text } = await deployment.osls('deploy', '--stage', STAGE, '--param', parameter);
    expect(text).not.toContain(Value);
    const api = await apiOf(deployment);
    expect((await api.get('/')).body).toContain('<!doctype html>');
    const asked = await Promise.all(
      ['', 'Bearer wrong', `Bearer ${Value}`].map((authorization) =>
        api.get('/v1/health', { authorization }),
      ),
    );
    expect(asked.map(({ status }) => status)).toEqual([401, 401, 200]);
  });

  it('cannot be removed while it is protected', async () => {
    const protect = (value: boolean) =>
      deployment.osls('deploy', '--stage', STAGE, '--param', `protectResults=${value}`);
    await protect(true);
    await expect(deployment.osls('remove', '--stage', STAGE)).rejects.toThrow(/protection/);
    expect(await stage.differences(expectedAfter(3))).toEqual([]);
    await protect(false);
  });

  it('is removed by one command, which leaves nothing', async () => {
    const { text } = await deployment.osls('remove', '--stage', STAGE);
    expect(text).toContain('has been successfully removed');
    const left = [...(await resourcesOn(deployment))].filter(([, found]) => found.length > 0);
    expect(left).toEqual([]);
  });
});

const rowsIn = (out: string): Item[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Item);
