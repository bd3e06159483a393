/** `osls deploy` as a user would get it wrong: told before anything is packaged or created. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OSLS = fileURLToPath(new URL('../../node_modules/osls/bin/serverless.js', import.meta.url));
const home = mkdtempSync(`${tmpdir()}/tidemark-test-`);

afterAll(() => rmSync(home, { recursive: true }));

/** Without any credentials, unless given: neither files nor variables nor an instance's. */
function osls(parameters: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [OSLS, ...parameters], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
  return { status, output: stdout + stderr };
}

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

it.each([
  [['deploy', '--stage', 'prd'], KEYS, 'There is no stage "prd"'],
  [['deploy', '--param', 'shards=0'], KEYS, 'The parameter shards is "0": give a whole number'],
  [['deploy', '--stage', 'prod'], {}, 'No AWS credentials were found'],
  [['rollback', '--stage', 'local', '--timestamp', '1'], KEYS, 'set AWS_ENDPOINT_URL'],
])('osls %j says what is wrong and ends with code 1', (parameters, environment, message) => {
  const { status, output } = osls(parameters, environment);
  expect(output).toContain(message);
  expect(output).not.toMatch(/Service packaged|\n {4}at /);
  expect(status).toBe(1);
});

it('takes the region from AWS_REGION, as the command line of the project does', () => {
  const { output } = osls(['print', '--stage', 'dev'], { AWS_REGION: 'ap-northeast-1' });
  expect(output).toContain('region: ap-northeast-1');
});
