/** The three servers of a stack, as a web page that somebody has open would use them; and as programs do. */
import { request } from 'node:http';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const SERVERS = ['kinesis', 'dynamodb', 'lambda'] as const;
type Server = (typeof SERVERS)[number];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ shards: 1 });
});
afterAll(() => stack.stop());

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function post(server: Server, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(stack.endpoints[server], { method: 'POST', headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, text });
    });
    asked.once('error', reject).end('{}');
  });
}

it.each(SERVERS)('%s refuses pages in a line, also under a name of their own', async (server) => {
  const { port } = new URL(stack.endpoints[server]);
  for (const headers of [
    { origin: 'https://evil.example' },
    { host: `evil.example:${port}` },
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
  ]) {
    const { status, text } = await post(server, headers as Record<string, string>);
    expect(status).toBe(403);
    expect(text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(text).message).toMatch(/the local stack answers/);
  }
});

it.each(SERVERS)('%s tells a program what it asks for, by either name', async (server) => {
  const { port } = new URL(stack.endpoints[server]);
  expect((await post(server, { host: `localhost:${port}` })).status).not.toBe(403);
  expect((await post(server, {})).status).not.toBe(403);
});

it('answers the SDKs, and says in an error of theirs why a page is refused', async () => {
  const common = {
    region: stack.definitions.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  };
  const kinesis = new KinesisClient({ ...common, endpoint: stack.endpoints.kinesis });
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
  expect(StreamNames).toContain('tidemark-local-user-behavior');
  kinesis.middlewareStack.add(
    (next) => (call) => {
      (call.request as { headers: Record<string, string> }).headers['origin'] = 'https://a.example';
      return next(call);
    },
    { step: 'build' },
  );
  await expect(kinesis.send(new ListStreamsCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('web page https://a.example'),
  });
  const lambda = new LambdaClient({ ...common, endpoint: stack.endpoints.lambda });
  const invoked = await lambda.send(new InvokeCommand({ FunctionName: 'closeWindows' }));
  expect(invoked.StatusCode).toBe(200);
  for (const client of [kinesis, lambda]) client.destroy();
});
