/** `tidemark dashboard` in a process of its own, until it is told to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../cli/tidemark.ts', import.meta.url));

export interface DashboardProcess {
  /** Its first line. */
  readonly address: string;
  /** By Ctrl-C. The exit code, and what it said of failures. */
  stop(): Promise<{ readonly code: number | null; readonly err: string }>;
}

/** Rejects with what it said where it ends before it prints a line. */
export async function startDashboard(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<DashboardProcess> {
  const child = spawn(process.execPath, [CLI, 'dashboard', ...args], { env });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines = createInterface(child.stdout);
  const address = await Promise.race([
    once(lines, 'line').then(([line]) => line as string),
    ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${err}`))),
  ]);
  return {
    address,
    async stop() {
      child.kill('SIGINT');
      return { code: await ended, err };
    },
  };
}
