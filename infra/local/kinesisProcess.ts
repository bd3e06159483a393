/**
 * The child process around kinesis-local: started by kinesisServer.ts, never imported.
 *
 * It adds what the package has no setting for: it listens on 127.0.0.1 only, it reports the port it got, and it ends
 * when its parent is gone, however the parent died (the IPC channel closes). With a data folder it saves whole files
 * (savedFile.ts), and first waits until everything it took has been saved. And it begins only when the process that had the
 * folder before, and may outlive its killed parent for a while, has ended.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, type ListenOptions, Server } from 'node:net';
import { dirname } from 'node:path';
import { realTiming } from './realTiming.ts';
import { mendSaved, type Saves, saveWhole } from './savedFile.ts';
import { soleOwner } from './soleOwner.ts';
import { writeFailureLine } from './writeFailure.ts';

/** What the child tells its parent. */
export type KinesisNews =
  | { readonly kind: 'ready'; readonly port: number }
  /** Something was lost, and it goes on. */
  | { readonly kind: 'warning'; readonly line: string }
  /** It cannot go on. */
  | { readonly kind: 'failure'; readonly line: string };

/** kinesis-local always opens a second server, for TLS. Its setting is this marker, and any free port is used. */
const UNUSED_TLS_PORT = 1;
const { exit } = process;
const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');

const file = process.env['TIDEMARK_SAVED_TO'];
let saves: Saves | undefined;
process.once('disconnect', () => {
  void (saves?.settle(realTiming) ?? Promise.resolve()).then(() => exit(0));
});
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) exit(0);
if (file !== undefined) await loadFrom(file);
listenOnLoopback();
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
  if (!process.connected) exit(1);
  return new Promise(() => tell({ kind: 'failure', line }, () => exit(1)));
}

function tell(news: KinesisNews, then: () => void = () => {}): void {
  process.send?.(news, then);
}

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
  tell({ kind: 'ready', port: (server.address() as AddressInfo).port });
}
