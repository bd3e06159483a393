/** Behind a server, and behind a function URL: what is asked for in a twisted way meets the same checks. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { handle } from 'hono/aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../../functions/api/app.ts';
import { memoryApi } from '../../../support/memoryApi.ts';

const TOKEN = 'token-of-this-test-0123456789';
const rows = memoryApi();
const ORDER = 'a?b#c/%2F ü';
beforeAll(async () => {
  await rows.put('order-status', [{ orderId: ORDER, status: 'paid', secret: 'x'.repeat(2_000) }]);
});
const path = `/v1/orders/${encodeURIComponent(ORDER)}`;
const api = createApi({ ...rows.options, token: TOKEN });

describe('a server', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(getRequestListener(api.fetch));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  /** As it stands on the wire, since clients mend what they send. */
  async function raw(target: string, headers = '', method = 'GET'): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
    return textOf(socket);
  }

  it.each([
    path,
    path.replace('/v1', '/%761'),
    path.replace('/v1', '/%76%31'),
    `//v1${path.slice(3)}`,
    path.replace('/v1/', '/v1%2F'),
    path.replace('/v1/', '/v1//'),
    path.replace('/v1/', '/v1/./'),
    path.replace('/v1/', '/x/../v1/'),
    path.replace('/v1/', '/x/%2e%2e/v1/'),
    path.replace('/v1/', '/v1;/'),
    path.replace('/v1', '/V1'),
    `http://evil${path}`,
    `http://evil/${path}`,
    `http://evil:80@x${path}`,
    `//evil${path}`,
    `\\v1${path.slice(3)}`,
    '*',
    '?',
  ])('shows nothing at %s without the token', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const answer = await raw(target, 'X-HTTP-Method-Override: GET\r\n', method);
      expect([method, answer]).toEqual([
        method,
        expect.stringMatching(/^HTTP\/1\.1 (400|401|404) /),
      ]);
      expect(answer).not.toContain('xxx');
    }
  });

  it('finds an order by an id that is full of signs, with the token', async () => {
    const answer = await raw(path, `Authorization: Bearer ${TOKEN}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(JSON.stringify(ORDER));
  });

  it('answers headers that make no sense', async () => {
    for (const header of [
      `Accept-Encoding: ${',;q=""'.repeat(1_000)}`,
      'Accept-Encoding: *;q=0.5, gzip;q=NaN',
      `If-None-Match: ${'"'.repeat(5_000)}`,
      `If-None-Match: W/"${'0'.repeat(40)}"`,
      'Range: bytes=0-1',
    ]) {
      const answer = await raw('/v1/pvuv', `Authorization: Bearer ${TOKEN}\r\n${header}\r\n`);
      expect([header.slice(0, 40), answer.slice(0, 13)]).toEqual([
        header.slice(0, 40),
        'HTTP/1.1 200 ',
      ]);
    }
  });
});

describe('a function URL', () => {
  const open = createApi(rows.options);
  interface Reply {
    readonly statusCode: number;
    readonly body: string;
    readonly isBase64Encoded: boolean;
    readonly headers: Readonly<Record<string, string>>;
  }
  const ask = handle(open) as unknown as (event: object, context: object) => Promise<Reply>;

  /** Payload 2.0; the path and the query come as they were sent. */
  function event(rawPath: string, rawQueryString = '', headers = {}, more = {}): object {
    const domainName = 'abc.lambda-url.us-east-1.on.aws';
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      headers: { host: domainName, 'x-forwarded-proto': 'https', ...headers },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'abc',
        domainName,
        domainPrefix: 'abc',
        http: { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1' },
        requestId: 'id',
        routeKey: '$default',
        stage: '$default',
        timeEpoch: 1_511_658_000_000,
      },
      isBase64Encoded: false,
      ...more,
    };
  }

  it('answers in text, or packed in base64', async () => {
    const plain = await ask(event(path), {});
    expect(plain).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse(plain.body).order.orderId).toBe(ORDER);
    const packed = await ask(event(path, '', { 'accept-encoding': 'br, gzip' }), {});
    expect(packed).toMatchObject({
      isBase64Encoded: true,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(gunzipSync(Buffer.from(packed.body, 'base64')).toString()).toBe(plain.body);
    const tag = packed.headers['etag'] ?? '';
    const again = await ask(event(path, '', { 'if-none-match': tag }), {});
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it.each([
    ['/v1/pvuv', 'at=2017-11-26T02:00:00%2B08:00', 200],
    ['/v1/pvuv', 'at=%', 400],
    ['/v1/pvuv', 'latest=1&%6Catest=2', 400],
    ['/v1/pvuv', 'a=b#c', 400],
    ['/v1/pvuv', '&&', 200],
    ['//evil.example/v1/pvuv', '', 404],
    ['', '', 404],
    ['/v1/orders/%', '', 404],
  ])('at %j with %j says %i', async (rawPath, query, status) => {
    expect((await ask(event(rawPath, query), {})).statusCode).toBe(status);
  });
});
