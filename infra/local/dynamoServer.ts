/** The embedded DynamoDB: dynalite in this process, in memory or on disk. */
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

export interface DynamoServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it listens.
 * @param options.port 0 takes a free one
 * @param options.dataDirectory where tables are kept; in memory without
 */
export async function startDynamoServer(options: {
  port: number;
  dataDirectory?: string;
}): Promise<DynamoServer> {
  const server = dynalite({
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
    ...(options.dataDirectory === undefined ? {} : { path: options.dataDirectory }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
