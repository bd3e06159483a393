/** A list of jobs that makes no sense is one line for whoever starts something with it, and nothing runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../support/projectCopy.ts';

const project = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const LIST = join(project, 'functions/jobs.ts');
const PVUV = join(project, 'functions/pvuv/job.ts');
const TWICE =
  'the jobs pvuv and again of functions/jobs.ts are both pvuv@1; give one another name or version';
const MISNAMED = 'job name "pv uv" is not kebab-case; write it like hot-items';

beforeAll(() => copyProject(project));
afterAll(() => rmSync(project, { recursive: true }));

function withChange<T>(file: string, from: string, to: string, look: () => T): T {
  const before = readFileSync(file, 'utf8');
  expect(before).toContain(from);
  writeFileSync(file, before.replace(from, to));
  try {
    return look();
  } finally {
    writeFileSync(file, before);
  }
}

function run(...args: string[]) {
  const env = { PATH: process.env['PATH'], HOME: project, AWS_ACCESS_KEY_ID: 't' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: { ...env, AWS_SECRET_ACCESS_KEY: 't', TIDEMARK_STACKS: join(project, 'stacks') },
  });
  return { status, stdout, stderr };
}

describe.each([
  ['a job that is listed twice', LIST, '  pvuv,', '  pvuv,\n  again: pvuv,', TWICE],
  ['a job that is misnamed', PVUV, "name: 'pvuv',", "name: 'pv uv',", MISNAMED],
])('%s', (_, file, from, to, message) => {
  it.each([
    ['tidemark', ['cli/tidemark.ts', 'generate', 'logins', '--events', '1']],
    ['npm start', ['infra/local/start.ts', '--port', '0', '--once']],
  ])('is a line of %s', (_name, args) => {
    const ended = withChange(file, from, to, () => run(...args));
    expect(ended).toEqual({ status: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  it('is said by osls, once', () => {
    const osls = ['node_modules/osls/bin/serverless.js', 'package', '--stage', 'dev'];
    const { status, stdout, stderr } = withChange(file, from, to, () => run(...osls));
    expect(status).toBe(1);
    expect((stdout + stderr).split(message)).toHaveLength(2);
    expect(stdout + stderr).not.toContain('\n    at ');
  });
});
