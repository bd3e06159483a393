/** What `npm start -- --kinesis URL` says of that address before it starts anything. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KinesisServer, startKinesisServer } from '../../infra/local/kinesisServer.ts';
import { checkNamedKinesis } from '../../infra/local/namedKinesis.ts';

let kinesis: KinesisServer;
let other: Server;
beforeAll(async () => {
  kinesis = await startKinesisServer({ port: 0, region: 'us-east-1', logFile: '/dev/null' });
  other = createServer((_, response) => response.writeHead(404).end('<html>no such page</html>'));
  await new Promise<void>((done) => void other.listen(0, '127.0.0.1', () => done()));
});
afterAll(async () => {
  other.close();
  await kinesis.stop();
});

it('nothing, of a Kinesis server', async () => {
  await expect(checkNamedKinesis(kinesis.endpoint)).resolves.toBeUndefined();
});

it('that nothing answers there', async () => {
  await expect(checkNamedKinesis('http://127.0.0.1:1')).rejects.toThrow(
    '--kinesis is "http://127.0.0.1:1", where nothing answers (ECONNREFUSED); start that server first, or leave --kinesis away',
  );
});

it('that something else answers there', async () => {
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  await expect(checkNamedKinesis(url)).rejects.toThrow(
    /^--kinesis is "http:.*", which does not answer as Kinesis does \([^\n]*\); is it the right address\?$/,
  );
});
