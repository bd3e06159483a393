/** The API where DynamoDB takes requests and never answers: its function says so before its own time is up. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { createApi } from '../../../functions/api/app.ts';
import { JOBS } from '../../../functions/jobs.ts';
import { apiHandler } from '../../../shared/lambda/apiHandler.ts';
import { urlEvent } from '../../support/urlEvents.ts';

const MANIFEST = new URL('../../../serverless.yml', import.meta.url);
const { functions } = parse(readFileSync(MANIFEST, 'utf8'), { merge: true });
const [{ api }] = functions;
const TIMEOUT_MS = api.timeout * 1_000;
/** A cold start, and a machine that has other work. */
const SPARE_MS = 3_000;

let asked = 0;
const hanging = createServer(() => {
  asked += 1;
});

beforeAll(() => once(hanging.listen(0, '127.0.0.1'), 'listening'));

beforeEach(() => {
  for (const [name, value] of Object.entries({
    TIDEMARK_STAGE: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  })) {
    vi.stubEnv(name, value);
  }
  // An address that is given would be a local server's, which gets longer: AWS's own name leads here instead.
  const { port } = hanging.address() as AddressInfo;
  const { handle } = NodeHttpHandler.prototype;
  vi.spyOn(NodeHttpHandler.prototype, 'handle').mockImplementation(function (
    this: NodeHttpHandler,
    request: Parameters<NodeHttpHandler['handle']>[0],
    ...others
  ) {
    expect(request.hostname).toBe('dynamodb.us-east-1.amazonaws.com');
    // A copy: the SDK repeats the same request.
    const led = Object.assign(Object.create(request), {
      protocol: 'http:',
      hostname: '127.0.0.1',
      port,
    });
    return handle.call(this, led, ...others);
  });
});
afterAll(async () => {
  hanging.closeAllConnections();
  await new Promise((resolve) => hanging.close(resolve));
});

it('answers 503 on every path while the function has seconds left', async () => {
  // Each in an environment of its own, which on Lambda has one request at a time.
  const newApi = () => apiHandler(JOBS, (rim) => createApi({ ...rim, assets: new Map() }));
  const paths = [
    '/v1/overview',
    '/v1/jobs',
    '/v1/hot-pages',
    '/v1/pvuv?from=2026-03-02T10:00:00Z&to=2026-03-02T12:00:00Z',
    '/v1/orders',
    '/v1/orders/1',
    '/v1/users/1',
    '/v1/tables/pvuv',
  ];
  const begun = performance.now();
  const statuses = await Promise.all(
    paths.map(async (path) => {
      const { statusCode } = await newApi()(urlEvent(path));
      return [path, statusCode];
    }),
  );
  expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS - SPARE_MS);
  expect(statuses).toEqual(paths.map((path) => [path, 503]));
  expect(asked).toBeGreaterThanOrEqual(2 * paths.length);
}, 60_000);
