/** Work in a process of its own, so that its memory is its own: a module of this folder that answers when it is run itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';

/** @param module its `import.meta.url` @param flags of node */
export async function inChild<Report>(
  module: string,
  task: unknown,
  flags: readonly string[] = [],
): Promise<Report> {
  return withFolder(async (folder) => {
    const file = join(folder, 'task');
    writeFileSync(file, serialize(task));
    const child = [...flags, fileURLToPath(module), file];
    return JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' }));
  });
}

/** In the child: does what the task in the file says, and prints what came of it. */
export async function answer<Task>(work: (task: Task) => Promise<object>): Promise<void> {
  const [, , file = ''] = process.argv;
  console.log(JSON.stringify(await work(deserialize(readFileSync(file)))));
}

/**
 * The most memory that this process has held at once, in bytes. The system's own answer counts what the parent held when it
 * started the child; Linux knows the child's apart.
 */
export function peakBytes(): number {
  const status = '/proc/self/status';
  const own = existsSync(status) ? /VmHWM:\s*(\d+)/.exec(readFileSync(status, 'utf8')) : null;
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) * 1_024;
}

/** A folder that is there while the work is under way. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
