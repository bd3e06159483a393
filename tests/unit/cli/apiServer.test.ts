/** An app on this machine: who is let through, and how it ends. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Hono } from 'hono';
import { afterEach, expect, it } from 'vitest';
import { type ApiServer, serveApi } from '../../../cli/apiServer.ts';
import { problem } from '../../../functions/api/contract/answers.ts';

let server: ApiServer | undefined;
afterEach(() => server?.stop());

const app = new Hono().get('/', (c) => c.text(`at ${new URL(c.req.url).host}`));

async function get(headers: Record<string, string> = {}, agent?: Agent): Promise<IncomingMessage> {
  const options = { headers, ...(agent ? { agent } : {}) };
  const asked = request(`${server?.endpoint}/`, options).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}

it('answers on 127.0.0.1, on a free port where none is given', async () => {
  server = await serveApi(app, 0);
  expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { host } = new URL(server.endpoint);
  expect(await (await fetch(server.endpoint)).text()).toBe(`at ${host}`);
});

it('lets through what follows a link, and refuses pages of other sites and other names', async () => {
  server = await serveApi(app, 0);
  const link = {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
  expect((await get(link)).statusCode).toBe(200);
  expect((await get({ ...link, 'sec-fetch-dest': 'iframe' })).statusCode).toBe(403);
  expect((await get({ origin: 'https://evil.example' })).statusCode).toBe(403);
  expect((await get({ host: 'evil.example' })).statusCode).toBe(403);
});

it('refuses as the app answers: with a problem', async () => {
  server = await serveApi(app, 0);
  const answer = await fetch(server.endpoint, { headers: { origin: 'https://evil.example' } });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('x-amzn-errortype')).toBeNull();
  const body: unknown = await answer.json();
  expect(problem.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Forbidden',
    status: 403,
    detail: expect.stringMatching(/the web page https:\/\/evil\.example; the dashboard answers/),
  });
});

it('leaves the Request and Response of the process as they are', async () => {
  const before = [globalThis.Request, globalThis.Response];
  server = await serveApi(app, 0);
  await fetch(server.endpoint);
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
});

it('leaves it to the app to say what is too long', async () => {
  server = await serveApi(app, 0);
  const answer = await fetch(`${server.endpoint}/${'%F0%9F%8C%8A'.repeat(4_000)}`);
  expect(answer.status).toBe(404);
});

it('fails where the port is taken', async () => {
  server = await serveApi(app, 0);
  const port = Number(new URL(server.endpoint).port);
  await expect(serveApi(app, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('ends although a browser keeps its connection, and answers what is under way', async () => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const slow = new Hono().get('/', async (c) => {
    asked.resolve();
    await release.promise;
    return c.text('done');
  });
  server = await serveApi(slow, 0);
  const agent = new Agent({ keepAlive: true });
  const answer = get({}, agent);
  await asked.promise;
  const stopped = server.stop();
  release.resolve();
  const begun = performance.now();
  expect((await answer).statusCode).toBe(200);
  await stopped;
  expect(performance.now() - begun).toBeLessThan(500);
  await expect(get({}, new Agent())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  agent.destroy();
});

it('does not wait for an answer that never comes', async () => {
  const asked = Promise.withResolvers<void>();
  const never = new Hono().get('/', () => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  server = await serveApi(never, 0);
  const answer = get();
  await asked.promise;
  await Promise.all([server.stop(), expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })]);
});
