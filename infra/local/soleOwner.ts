/**
 * One process at a time for a file or a folder: the next one is refused, or waits until the one before has ended, however it
 * does. A server whose stack was killed still saves its streams, and who reads the file meanwhile reads half of it.
 *
 * The owner listens on a local socket named after the file, and tells who it is. A connection to it closes when it ends, and what a
 * dead one left behind refuses connections, so there is no process id that could mean another process. The socket goes with its
 * owner, as the last thing that it does; only one that is killed leaves it, to the next owner.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Resolves when this process is the file's owner; it remains so until it ends, or until the result is called. */
export async function soleOwner(file: string): Promise<() => void> {
  const path = socketOf(file);
  for (;;) {
    const before = await ownerAt(path);
    if (before) await closed(before.resume());
    else {
      const release = await ownAt(path);
      if (release) return release;
    }
  }
}

/** As soleOwner, but does not wait: where there is an owner, its process id, unless it is suspended and does not tell. */
export async function claim(
  file: string,
  answerMsMax = ANSWER_MS_MAX,
): Promise<(() => void) | { readonly heldBy: number | undefined }> {
  const path = socketOf(file);
  const before = await ownerAt(path);
  // Somebody else may have been quicker, and is to be asked then.
  if (!before) return (await ownAt(path)) ?? claim(file, answerMsMax);
  const answer = once(before, 'data', { signal: AbortSignal.timeout(answerMsMax) });
  const told = await Promise.race([answer.catch(() => SILENT), closed(before)]);
  before.destroy();
  // It ended while it was asked.
  if (!told) return claim(file, answerMsMax);
  return { heldBy: told === SILENT ? undefined : Number.parseInt(String(told[0]), 10) };
}

const ANSWER_MS_MAX = 2_000;
const SILENT = [undefined] as const;

const NAME_DIGITS = 16;

/** A socket's path may have about 100 characters, and a data folder's more. */
function socketOf(file: string): string {
  const path = resolve(file);
  // The folder is there, the file may not be; a link to the folder is the same folder.
  const real = join(realpathSync(dirname(path)), basename(path));
  const name = createHash('sha256').update(real).digest('hex').slice(0, NAME_DIGITS);
  return join(tmpdir(), `tidemark-${name}.sock`);
}

/** Undefined where another one owns it by now. */
async function ownAt(path: string): Promise<(() => void) | undefined> {
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection.unref());
    connection.on('error', () => {}).once('close', () => connections.delete(connection));
    connection.write(`${process.pid}\n`);
  });
  if (!(await isListening(server, path))) {
    const owner = await ownerAt(path);
    owner?.destroy();
    if (owner) return undefined;
    rmSync(path, { force: true });
    if (!(await isListening(server, path))) return undefined;
  }
  server.unref();
  const remove = () => rmSync(path, { force: true });
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    // Takes the socket away as well.
    server.close();
    for (const each of connections) each.destroy();
  };
}

/** Whether the socket is the server's now; not so where there is one already, of a living process or of a dead one. */
async function isListening(server: Server, path: string): Promise<boolean> {
  try {
    await once(server.listen(path), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

function closed(connection: Socket): Promise<undefined> {
  return new Promise((done) => {
    if (connection.closed) done(undefined);
    else connection.once('close', () => done(undefined));
  });
}

/** A connection to the present owner; undefined where there is none. */
function ownerAt(path: string): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => done(socket));
    socket.on('error', () => done(undefined));
  });
}
