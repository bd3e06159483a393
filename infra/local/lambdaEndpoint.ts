/** The one call of Lambda's API that handlers make: Invoke, waited for or not. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOCAL_HOST } from '../../cli/endpoints.ts';
import { localOnly } from '../../cli/localRequests.ts';
import { messageOf } from '../../shared/errors.ts';
import type { LocalFunctions } from './functions.ts';
import { invocationIn } from './lambdaRequest.ts';

export interface LambdaEndpoint {
  readonly endpoint: string;
  /** Resolves when no asynchronous invocation is under way. */
  waitUntilIdle(): Promise<void>;
  /** Takes no more requests and waits for the invocations under way. */
  stop(): Promise<void>;
}

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
    const asked = await invocationIn(request, (name) => functions().has(name));
    if (asked.refusal) {
      const { status, type, message } = asked.refusal;
      reply(response, status, { Type: 'User', Message: message }, type);
      return;
    }
    const { name, event } = asked;
    if (asked.type === 'DryRun') {
      response.writeHead(204).end();
      return;
    }
    if (asked.type === 'Event') {
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

  server.listen(options.port, LOCAL_HOST);
  await once(server, 'listening');
  const waitUntilIdle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    endpoint: `http://${LOCAL_HOST}:${(server.address() as AddressInfo).port}`,
    waitUntilIdle,
    async stop() {
      await waitUntilIdle();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(response: ServerResponse, status: number, body: unknown, error?: string): void {
  if (error !== undefined) response.setHeader('x-amzn-ErrorType', error);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');
