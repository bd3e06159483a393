/** Stands between a command and a Kinesis server, and does to its puts what a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** 'unanswered': it is stored, and nobody hears of it. 'gone': it is refused, as by a server without the stream. */
type Fate = 'stored' | 'unanswered' | 'gone';

export interface KinesisBetween {
  readonly endpoint: string;
  /** What becomes of the how-manieth put, from 1. */
  onPut: (put: number) => Fate;
  /** Ends every connection, whatever is on its way. */
  cut(): void;
  stop(): Promise<void>;
}

export async function kinesisBetween(endpoint: string): Promise<KinesisBetween> {
  let puts = 0;
  const server = createServer((incoming, outgoing) => {
    const isPut = String(incoming.headers['x-amz-target']).endsWith('.PutRecords');
    if (isPut) puts += 1;
    const fate = isPut ? between.onPut(puts) : 'stored';
    if (fate === 'gone') refuse(incoming, outgoing);
    else forward(endpoint, incoming, outgoing, fate);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const between: KinesisBetween = {
    endpoint: `http://127.0.0.1:${port}`,
    onPut: () => 'stored',
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return between;
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse): void {
  incoming.resume();
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  outgoing.writeHead(400, headers);
  outgoing.end('{"__type":"ResourceNotFoundException","message":"the stream is gone"}');
}

function forward(
  endpoint: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fate: Fate,
): void {
  const { method, url = '/' } = incoming;
  const { host } = new URL(endpoint);
  const options = { method, headers: { ...incoming.headers, host } };
  const passed = request(new URL(url, endpoint), options, (reply) => {
    if (fate === 'unanswered') {
      reply.resume();
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(outgoing);
  });
  passed.on('error', () => outgoing.destroy());
  incoming.pipe(passed);
}
