/**
 * The process around ministack: started by emulator.ts, never imported. It leads a process group of its own, with the
 * server and the functions that the server runs in it, and ends all of it when its parent disconnects or is gone,
 * however the parent died.
 */
import { spawn } from 'node:child_process';

const END_MS_MAX = 3_000;

const [command = '', ...args] = process.argv.slice(2);
// Ctrl-C and the like are for the parent, which then ends things in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
server.once('error', endGroup);
server.once('exit', endGroup);
process.once('disconnect', end);
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) end();

function end(): void {
  server.kill('SIGTERM');
  setTimeout(endGroup, END_MS_MAX);
}

/** This process is part of it. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}
