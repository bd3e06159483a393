/** `npm start` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface StartProcess {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  /** Resolves when standard output matches; rejects when the process ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Where the stacks of these tests announce themselves: a command of another test must not find them. */
export const STACKS = mkdtempSync(join(tmpdir(), 'tidemark-test-'));

export function startProcess(...options: string[]): StartProcess {
  const child = spawn(process.execPath, ['infra/local/start.ts', ...options], {
    cwd: ROOT,
    env: { ...process.env, TIDEMARK_STACKS: STACKS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    stdout: () => texts.out,
    stderr: () => texts.err,
    ended,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(texts.out);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        look();
        void ended.then((code) =>
          reject(new Error(`ended with ${code} before it printed ${pattern}: ${texts.err}`)),
        );
      }),
  };
}

/** What a process printed, and how it ended: by a code, or null for a signal. */
export async function ended(child: ChildProcess) {
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (text) => {
    texts.out += text;
  });
  child.stderr?.on('data', (text) => {
    texts.err += text;
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...texts };
}
