/** The dashboard over real tables: as the local stack serves it, and as a command does in a process of its own. */
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceStack } from '../../cli/runningStacks.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { startDashboard } from '../support/dashboardProcess.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { tidemark } from '../support/tidemark.ts';

const STACKS = mkdtempSync(join(tmpdir(), 'tidemark-test-'));

let stack: Stack;
let forget: () => void;
beforeAll(async () => {
  stack = await startStack({ shards: 1 });
  forget = announceStack({ pid: process.pid, ...stack.endpoints }, STACKS);
});
afterAll(async () => {
  forget();
  await stack.stop();
});

const status = (headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${stack.endpoints.api}/v1/health`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once('error', reject)
      .end();
  });

describe('the local stack', () => {
  it('serves the API of its stage', async () => {
    const answer = await fetch(`${stack.endpoints.api}/v1/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok', stage: 'local' });
  });

  it('serves the page, and all that the page names', async () => {
    const answer = await fetch(stack.endpoints.api);
    expect(answer.headers.get('content-type')).toMatch('text/html');
    const page = await answer.text();
    const named = [...page.matchAll(/(?:src|href)="([^"#:]+\.(?:js|css))"/g)];
    expect(named.length).toBeGreaterThanOrEqual(2);
    for (const [, name = ''] of named) {
      const file = await fetch(new URL(name, `${stack.endpoints.api}/`));
      expect(file.status, name).toBe(200);
      expect((await file.text()).length).toBeGreaterThan(0);
    }
  });

  it('answers no page of another site, and under no other name', async () => {
    expect(await status({})).toBe(200);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(403);
  });

  it('does not take the API for a function that is invoked', () => {
    expect(stack.definitions.functions.map(({ name }) => name)).not.toContain('api');
    expect(stack.definitions.functions.length).toBeGreaterThan(2);
    expect(stack.definitions.apiEnvironment).toHaveProperty('TIDEMARK_API_TOKEN', '');
  });
});

describe('tidemark dashboard', () => {
  it('finds the stack, prints where it listens first, answers, and ends well with Ctrl-C', async () => {
    const env = { PATH: process.env['PATH'], TIDEMARK_STACKS: STACKS };
    const dashboard = await startDashboard([], env);
    expect(dashboard.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(dashboard.address).not.toBe(stack.endpoints.api);
    const health = await fetch(`${dashboard.address}/v1/health`);
    expect(await health.json()).toEqual({ status: 'ok', stage: 'local' });
    expect(await dashboard.stop()).toEqual({ code: 0, err: '' });
  });

  it.each([
    [
      'a stage that is not there',
      ['--stage', 'dev'],
      1,
      /table tidemark-dev-\w+.*is the stage right/,
    ],
    ['a port that is taken', ['--port', 'TAKEN'], 2, /^error: --port is \d+, which is taken; give/],
    ['a port that is none', ['--port', '65536'], 2, /a whole number from 0 to 65535/],
  ])('says in a line that it was given %s', async (_, given, exitCode, message) => {
    const { port } = new URL(stack.endpoints.api);
    const options = given.map((each) => (each === 'TAKEN' ? port : each));
    const { code, out, err } = await tidemark(['dashboard', ...options], environmentOf(stack));
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(message);
    expect(err.trimEnd()).not.toContain('\n');
  });

  it('says that nobody answers where no stack runs', async () => {
    const { code, out, err } = await tidemark(['dashboard'], {
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: nothing answers at 127\.0\.0\.1:1; start the local stack/);
  });

  it('says that a variable means nothing before it reads anything', async () => {
    const variables = { ...environmentOf(stack), TIDEMARK_PSEUDONYM_KEY: 'short' };
    const { code, err } = await tidemark(['dashboard'], variables);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: environment: TIDEMARK_PSEUDONYM_KEY: give 20 to 256/);
  });
});
