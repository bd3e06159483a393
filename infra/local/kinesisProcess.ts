/**
 * The child process around kinesis-local: started by kinesisServer.ts, never imported.
 *
 * It adds three things that the package has no setting for: it listens on 127.0.0.1 only, it reports the
 * port it got, and it ends when its parent is gone, however the parent died (the IPC channel closes). With
 * a data folder it first waits until everything it took has been saved, and leaves a whole file: the package writes over
 * the old one, so that an end in the middle of it would leave neither. And it begins only when the process that had the
 * folder before, and may outlive its killed parent for a while, has ended.
 */
import { createRequire } from 'node:module';
import { type AddressInfo, type ListenOptions, Server } from 'node:net';
import { dirname } from 'node:path';
import { realTiming } from './realTiming.ts';
import { leaveSaved } from './savedFile.ts';
import { soleOwner } from './soleOwner.ts';

/** What the child tells its parent, once. */
export interface KinesisReady {
  readonly port: number;
}

/** kinesis-local always opens a second server, for TLS. Its setting is this marker, and any free port is used. */
const UNUSED_TLS_PORT = 1;
const { exit } = process;
const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');

const file = process.env['TIDEMARK_SAVED_TO'];
let isServing = false;
process.once('disconnect', () => {
  const left = file !== undefined && isServing ? leaveSaved(file, realTiming) : Promise.resolve();
  void left.then(() => exit(0));
});
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) exit(0);
if (file !== undefined) await soleOwner(file);
isServing = true;
listenOnLoopback();
process.chdir(dirname(main));
createRequire(import.meta.url)(main);

function listenOnLoopback(): void {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, port: unknown, ...rest: unknown[]) {
    const isUnused = port === UNUSED_TLS_PORT;
    if (!isUnused) this.once('listening', () => reportPort(this));
    const options: ListenOptions = { port: isUnused ? 0 : Number(port), host: '127.0.0.1' };
    const callback = rest.find((each) => typeof each === 'function');
    return Reflect.apply(listen, this, callback ? [options, callback] : [options]);
  };
}

function reportPort(server: Server): void {
  const ready: KinesisReady = { port: (server.address() as AddressInfo).port };
  process.send?.(ready);
}
