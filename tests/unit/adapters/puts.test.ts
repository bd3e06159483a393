/** The clients of whoever puts events. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clientsOf } from '../../../infra/local/servers.ts';
import { kinesisPutClient } from '../../../shared/adapters/aws/clients.ts';
import { kinesisSink } from '../../../shared/adapters/aws/kinesisSink.ts';
import { UnknownOutcomeError } from '../../../shared/errors.ts';

const region = 'us-east-1';

describe('a put whose connection ends without a reply', () => {
  const lost = { requests: 0 };
  const server = createServer((request) => {
    lost.requests += 1;
    request.socket.destroy();
  });
  const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    [
      "a producer's client",
      () => {
        vi.stubEnv('AWS_ENDPOINT_URL', endpoint());
        vi.stubEnv('AWS_REGION', region);
        vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
        vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
        return kinesisPutClient();
      },
    ],
    [
      "the local stack's",
      () => clientsOf({ kinesis: endpoint(), dynamodb: endpoint() }, region).puts,
    ],
  ])('is not repeated in silence by %s', async (_, clientOf) => {
    lost.requests = 0;
    const client = clientOf();
    const record = { partitionKey: 'k', explicitHashKey: '0', data: Buffer.from('{}') };
    const put = kinesisSink(client, 'orders').putRecords([record]);
    await expect(put).rejects.toThrow(UnknownOutcomeError);
    expect(lost.requests).toBe(1);
    client.destroy();
  });
});
