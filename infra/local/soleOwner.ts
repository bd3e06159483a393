/**
 * One process at a time for a file: the next one waits until the one before has ended, however it does. A server whose stack
 * was killed still saves its streams, and who reads the file meanwhile reads half of it.
 *
 * The owner listens on a local socket named after the file. A connection to it closes when it ends, and what a dead one left behind
 * refuses connections, so there is no process id that could mean another process.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Resolves when this process is the file's owner; it remains so until it ends, or until the result is called. */
export async function soleOwner(file: string): Promise<() => void> {
  const name = createHash('sha256').update(resolve(file)).digest('hex').slice(0, NAME_DIGITS);
  // A socket's path may have about 100 characters, and a data folder's more.
  const path = join(tmpdir(), `tidemark-${name}.sock`);
  for (let before = await ownerAt(path); before; before = await ownerAt(path)) {
    await closed(before);
  }
  rmSync(path, { force: true });
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection.unref());
    connection.on('error', () => {}).once('close', () => connections.delete(connection));
  });
  await once(server.listen(path), 'listening');
  server.unref();
  return () => {
    server.close();
    for (const each of connections) each.destroy();
  };
}

const NAME_DIGITS = 16;

function closed(connection: Socket): Promise<void> {
  return new Promise((done) => {
    if (connection.closed) done();
    else connection.once('close', () => done());
  });
}

/** A connection to the present owner; undefined where there is none. */
function ownerAt(path: string): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => done(socket.resume()));
    socket.on('error', () => done(undefined));
  });
}
