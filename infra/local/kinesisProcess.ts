/**
 * The child process around kinesis-local: started by kinesisServer.ts, never imported.
 *
 * It adds three things that the package has no setting for: it listens on 127.0.0.1 only, it reports the
 * port it got, and it ends when its parent is gone, however the parent died (the IPC channel closes). With
 * a data folder it first waits until everything it took has been saved, and leaves a whole file: the package writes over
 * the old one, so that an end in the middle of it would leave neither.
 */
import { createRequire } from 'node:module';
import { type AddressInfo, type ListenOptions, Server } from 'node:net';
import { dirname } from 'node:path';
import { realTiming } from './realTiming.ts';
import { leaveSaved } from './savedFile.ts';

/** What the child tells its parent, once. */
export interface KinesisReady {
  readonly port: number;
}

/** kinesis-local always opens a second server, for TLS. Its setting is this marker, and any free port is used. */
const UNUSED_TLS_PORT = 1;
const { exit } = process;
const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');

listenOnLoopback();
process.once('disconnect', () => {
  const file = process.env['TIDEMARK_SAVED_TO'];
  void (file === undefined ? Promise.resolve() : leaveSaved(file, realTiming)).then(() => exit(0));
});
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) exit(0);
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
