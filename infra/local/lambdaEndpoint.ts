/** The one call of Lambda's API that handlers make: Invoke, waited for or not. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalFunctions } from './functions.ts';
import { localOnly } from './localRequests.ts';

export interface LambdaEndpoint {
  readonly endpoint: string;
  /** Resolves when no asynchronous invocation is under way. */
  waitUntilIdle(): Promise<void>;
  /** Takes no more requests and waits for the invocations under way. */
  stop(): Promise<void>;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export async function startLambdaEndpoint(options: {
  port: number;
  functions: () => LocalFunctions;
  onFailure: (error: unknown, functionName?: string) => void;
}): Promise<LambdaEndpoint> {
  const { functions, onFailure } = options;
  const underWay = new Set<Promise<unknown>>();
  const server = createServer(
    localOnly((request, response) => {
      answer(request, response).catch((error) => {
        onFailure(error);
        reply(response, 500, { Type: 'Server', Message: messageOf(error) }, 'ServiceException');
      });
    }),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = nameIn(request);
    if (request.method !== 'POST' || name === undefined || !functions().has(name)) {
      const Message = `Function not found: ${name ?? request.url}`;
      reply(response, 404, { Type: 'User', Message }, 'ResourceNotFoundException');
      return;
    }
    const event = await eventIn(request);
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      startInvocation(name, event);
      response.writeHead(202).end();
      return;
    }
    try {
      const result = await functions().invoke(name, event);
      reply(response, 200, result ?? null);
    } catch (error) {
      response.setHeader('X-Amz-Function-Error', 'Unhandled');
      reply(response, 200, { errorType: nameOf(error), errorMessage: messageOf(error) });
    }
  }

  function startInvocation(name: string, event: unknown): void {
    const invocation = functions()
      .invoke(name, event)
      .catch((error) => onFailure(error, name))
      .finally(() => underWay.delete(invocation));
    underWay.add(invocation);
  }

  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const waitUntilIdle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waitUntilIdle,
    async stop() {
      await waitUntilIdle();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The function's name; a request may also give its ARN. */
function nameIn(request: IncomingMessage): string | undefined {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const name = INVOKE_PATH.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name).split(':').at(-1);
}

async function eventIn(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : JSON.parse(text);
}

function reply(response: ServerResponse, status: number, body: unknown, error?: string): void {
  if (error !== undefined) response.setHeader('x-amzn-ErrorType', error);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
