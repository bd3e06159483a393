/**
 * The process around ministack: started by emulator.ts, never imported. It leads a process group of its own, with the
 * server and the functions that the server runs in it. When its parent disconnects or is gone, however the parent
 * died, it ends all of them and removes what they wrote.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const END_MS_MAX = 3_000;

const [folder = '', command = '', ...args] = process.argv.slice(2);
// Ctrl-C and the like are for the parent, which then ends things in order; one of them is this process's own, below.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
server.once('error', (problem) => {
  console.error(problem);
  endGroup();
});
// By itself: the parent wants to read the log.
server.once('exit', endGroup);
process.once('disconnect', end);
// A parent that died before the line above leaves a closed channel and no event.
if (!process.connected) end();

function end(): void {
  server.off('exit', endGroup);
  server.once('exit', removeAll);
  setTimeout(removeAll, END_MS_MAX);
  process.kill(-process.pid, 'SIGTERM');
}

function removeAll(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  endGroup();
}

/** This process is part of it. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}
