/** The embedded DynamoDB: dynalite in this process, in memory or on disk. */

import type { RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import dynalite from 'dynalite';
import { LOCAL_HOST } from '../../cli/endpoints.ts';
import { CommandFailure } from '../../cli/failure.ts';
import { localOnly } from '../../cli/localRequests.ts';
import { isDiskFull, writeFailure } from './writeFailure.ts';

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
  if (options.dataDirectory !== undefined) await checkTables(options.dataDirectory);
  const server = dynalite({
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
    ...(options.dataDirectory === undefined ? {} : { path: options.dataDirectory }),
  });
  const [answer] = server.listeners('request') as RequestListener[];
  if (!answer) throw new Error('dynalite answers no requests');
  const answers = answersOf(answer);
  server.removeAllListeners('request').on('request', localOnly(answers.listener));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, LOCAL_HOST, () => resolve());
  });
  return {
    endpoint: `http://${LOCAL_HOST}:${(server.address() as AddressInfo).port}`,
    async stop() {
      await answers.end();
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
    },
  };
}

const ANSWER_CHECK_MS = 5;

/**
 * dynalite fails where nobody can catch it when its database is closed under a request, and it goes on with one whose client has
 * gone. So it gets no more of them, and is waited for: an answer has ended then, whether or not somebody takes it.
 */
function answersOf(answer: RequestListener): { listener: RequestListener; end(): Promise<void> } {
  const underWay = new Set<ServerResponse>();
  let isEnding = false;
  const forgetEnded = () => {
    for (const each of underWay) {
      // A request that is cut short is never answered.
      const isCut = each.destroyed && !each.req.complete;
      if (each.writableEnded || isCut) underWay.delete(each);
    }
  };
  return {
    listener(request, response) {
      if (isEnding) {
        response.destroy();
        return;
      }
      forgetEnded();
      underWay.add(response);
      answer(request, response);
      // It throws where a request is cut short, which would end the process.
      request.removeAllListeners('error').on('error', () => response.destroy());
    },
    async end() {
      isEnding = true;
      for (const each of underWay) if (!each.req.complete) each.destroy();
      for (forgetEnded(); underWay.size > 0; forgetEnded()) await delay(ANSWER_CHECK_MS);
    },
  };
}

interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
}

/** The database under dynalite, in dynalite's version. */
const { Level } = createRequire(createRequire(import.meta.url).resolve('dynalite'))('level') as {
  readonly Level: new (folder: string) => Database;
};

/** Opens the tables before the server does, which ends the process where it cannot. */
async function checkTables(folder: string): Promise<void> {
  const database = new Level(folder);
  try {
    await database.open();
  } catch (error) {
    const cause = ((error as Error).cause ?? error) as Error & { readonly code?: string };
    if (isDiskFull(cause)) throw writeFailure(folder, cause);
    if (cause.code === 'LEVEL_LOCKED') {
      throw new CommandFailure(
        `${folder} is in use by another process; end that, or give another --data-dir`,
      );
    }
    throw new CommandFailure(
      `${folder} is broken (${cause.message}); its tables are lost: give another --data-dir, or delete ${dirname(folder)}`,
    );
  } finally {
    await database.close();
  }
}
