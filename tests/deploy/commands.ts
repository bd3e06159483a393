/** Commands as child processes: what they printed, and a clear error where they fail. */
import { spawn } from 'node:child_process';

export interface Ended {
  /** Null after a signal. */
  readonly code: number | null;
  /** Standard output and standard error, as a terminal would show them. */
  readonly text: string;
  readonly out: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ended after so long. */
  readonly limitMs: number;
  readonly input?: string;
}

/** Rejects only where the command cannot be started (`code` ENOENT). */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, limitMs, input = '' }: CommandOptions,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...(cwd ? { cwd } : {}), env });
    let text = '';
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const timer = setTimeout(() => {
      text += `\n(ended after ${limitMs / 1_000} s)\n`;
      child.kill('SIGKILL');
    }, limitMs);
    child.once('error', (problem) => {
      clearTimeout(timer);
      reject(problem);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, text, out });
    });
    // A command that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The same, but throws with all that was printed where the exit code is not 0. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<Ended> {
  const ended = await runCommand(command, args, options);
  if (ended.code === 0) return ended;
  throw new Error(`"${[command, ...args].join(' ')}" ended with ${ended.code}:\n${ended.text}`);
}
