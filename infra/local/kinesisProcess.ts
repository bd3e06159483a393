/**
 * The child process around kinesis-local: started by kinesisServer.ts, never imported.
 *
 * It adds what the package has no setting for: it listens on 127.0.0.1 only and not to web pages (kinesisFront.ts), it tells the
 * port it got and what changes the streams, and it ends when its parent is gone, however the parent died (the IPC channel closes). With a data folder it saves whole files
 * (savedFile.ts), and first waits until everything it took has been saved. And it begins only when the process that had the
 * folder before, and may outlive its killed parent for a while, has ended.
 */

import fs, { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LOCAL_HOST } from '../../cli/endpoints.ts';
import { kinesisFront } from './kinesisFront.ts';
import { realTiming } from './realTiming.ts';
import { mendSaved, type Saves, saveWhole } from './savedFile.ts';
import { soleOwner } from './soleOwner.ts';
import { writeFailureLine } from './writeFailure.ts';

/** What the child tells its parent. */
export type KinesisNews =
  | { readonly kind: 'ready'; readonly port: number }
  /** Something was put, or shards are others. */
  | { readonly kind: 'changed' }
  /** Something was lost, and it goes on. */
  | { readonly kind: 'warning'; readonly line: string }
  /** It cannot go on. */
  | { readonly kind: 'failure'; readonly line: string };

/** Ports that kinesis-local is told, which mean sockets here. It always opens a second server, for TLS. */
const MARKED = { plain: 1, tls: 2 } as const;
/** Changes of so long are told together. */
const TELL_MS = 20;
/** The package wants addresses, which sockets of the file system do not have. */
const NOWHERE = { address: LOCAL_HOST, family: 'IPv4', port: 1 };
const ADDRESSES = {
  localAddress: { value: NOWHERE.address },
  localPort: { value: NOWHERE.port },
  remoteAddress: { value: NOWHERE.address },
  remotePort: { value: NOWHERE.port },
};

const { exit } = process;
const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');

const file = process.env['TIDEMARK_SAVED_TO'];
let saves: Saves | undefined;
let isTelling = false;
process.once('disconnect', () => {
  void (saves?.settle(realTiming) ?? Promise.resolve()).then(() => exit(0));
});
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) exit(0);
if (file !== undefined) await loadFrom(file);
serve();
process.chdir(dirname(main));
createRequire(import.meta.url)(main);

async function loadFrom(saved: string): Promise<void> {
  await soleOwner(saved);
  try {
    const lost = mendSaved(saved);
    if (lost !== undefined) tell({ kind: 'warning', line: lost });
  } catch (error) {
    await giveUp((error as Error).message);
  }
  saves = saveWhole(fs, saved, (error) => void giveUp(writeFailureLine(saved, error)));
}

/** Never resolves: the process ends when the line is told. */
function giveUp(line: string): Promise<never> {
  if (!process.connected) {
    // What is printed goes to the log, of which the parent speaks.
    console.error(line);
    exit(1);
  }
  return new Promise(() => tell({ kind: 'failure', line }, () => exit(1)));
}

function tell(news: KinesisNews, then: () => void = () => {}): void {
  // A parent that is gone hears nothing.
  if (process.connected) process.send?.(news, then);
}

function serve(): void {
  const sockets = mkdtempSync(join(tmpdir(), 'tidemark-'));
  process.once('exit', () => rmSync(sockets, { recursive: true, force: true }));
  const plain = join(sockets, 'plain');
  listenOn(
    new Map([
      [MARKED.plain, plain],
      [MARKED.tls, join(sockets, 'tls')],
    ]),
    (path) => {
      if (path !== plain) return;
      const front = kinesisFront(plain, onChange);
      front.listen(Number(process.env['TIDEMARK_PORT']), LOCAL_HOST, () => {
        tell({ kind: 'ready', port: (front.address() as AddressInfo).port });
      });
    },
  );
}

/** Servers that want a port of these get a socket instead. */
function listenOn(
  sockets: ReadonlyMap<unknown, string>,
  onListening: (path: string) => void,
): void {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, port: unknown, ...rest: unknown[]) {
    const path = sockets.get(port);
    if (path === undefined) return Reflect.apply(listen, this, [port, ...rest]);
    this.once('listening', () => onListening(path));
    this.address = () => NOWHERE;
    this.prependListener('connection', (socket) => Object.defineProperties(socket, ADDRESSES));
    const callback = rest.find((each) => typeof each === 'function');
    return Reflect.apply(listen, this, callback ? [{ path }, callback] : [{ path }]);
  };
}

function onChange(): void {
  saves?.changed();
  if (isTelling) return;
  isTelling = true;
  setTimeout(() => {
    isTelling = false;
    tell({ kind: 'changed' });
  }, TELL_MS);
}
