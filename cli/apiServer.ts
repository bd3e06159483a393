/** The API and its dashboard on this machine: for programs and browsers of it, and for no other page. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { LOCAL_HOST } from './endpoints.ts';
import { type LocalServer, localOnly } from './localRequests.ts';

export interface ApiServer {
  /** Without a slash in the end. */
  readonly endpoint: string;
  /** Takes no more requests; those under way are answered, if that takes no longer than a moment. */
  stop(): Promise<void>;
}

const DASHBOARD: LocalServer = { name: 'the dashboard', admits: 'links', refusal: 'problem' };
/** So that the app itself says that an id is too long, which in a path is three bytes for each of its own. */
const HEADER_BYTES_MAX = 262_144;
const LAST_ANSWERS_MS_MAX = 1_000;
const IDLE_CHECK_MS = 20;

/**
 * @param port 0 takes a free one
 * Throws Node's error where the port is taken.
 */
export async function serveApi(app: Pick<Hono, 'fetch'>, port: number): Promise<ApiServer> {
  // The process is others' too: their Request and Response stay as they are.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const listener = localOnly(answer as RequestListener, DASHBOARD);
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, listener);
  server.listen(port, LOCAL_HOST);
  await once(server, 'listening');
  return {
    endpoint: `http://${LOCAL_HOST}:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Browsers keep theirs, also once they have their answer.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      const last = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS_MAX);
      await closed;
      clearInterval(idle);
      clearTimeout(last);
    },
  };
}
