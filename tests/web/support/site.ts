/** The page and an API that a test controls, on one port, under the policy that the real one sends. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildAssets } from '../../../functions/api/buildAssets.ts';
import { FakeApi } from './fakeApi.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

export interface Site {
  readonly url: string;
  readonly api: FakeApi;
  /** Another API, which nobody has asked yet and which nothing is wrong with. */
  renew(): FakeApi;
  stop(): Promise<void>;
}

/** Under a path, as behind a gateway: nothing may depend on the page being at the root. */
const BASE = '/stage/';

export async function startSite(port = 0): Promise<Site> {
  const assets = await buildAssets();
  const site = { api: new FakeApi() };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(BASE)) return void response.writeHead(404).end();
    const path = url.pathname.slice(BASE.length - 1);
    if (path.startsWith('/v1/')) return void answer(site.api, url, path, request, response);
    const asset = assets.get(path);
    if (!asset) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': asset.type, 'content-security-policy': POLICY });
    response.end(asset.body);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`,
    get api() {
      return site.api;
    },
    renew() {
      site.api = new FakeApi();
      return site.api;
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  api: FakeApi,
  url: URL,
  path: string,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answered = await api.answer({
    path: path.slice('/v1/'.length),
    query: url.searchParams,
    ifNoneMatch: headers['if-none-match'],
    authorization: headers.authorization,
  });
  if (answered === undefined) return void response.destroy();
  const { status, body, etag } = answered;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(etag === undefined ? {} : { etag }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
