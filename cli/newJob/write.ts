/** Writes files so that all of them are there, or none. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailure, writeProblem } from '../failure.ts';
import type { Plan } from './plan.ts';

/**
 * Formats the code, then writes everything at once, so that nothing can come between.
 * @throws CommandFailure where a file cannot be written; then those before it are as they were
 */
export function writePlan(root: string, { made, changed }: Plan): void {
  const texts = [...made, ...changed].map(
    ([path, text]) => [path, path.endsWith('.ts') ? formatted(root, path, text) : text] as const,
  );
  const undo: (() => void)[] = [];
  for (const [path, text] of texts) {
    const file = join(root, path);
    try {
      undo.push(made.has(path) ? removal(file) : restoring(file));
      writeFileSync(file, text);
    } catch (error) {
      // What this file needs taken back as well: a full disk may have cut it short.
      for (const each of undo.toReversed()) each();
      const why = writeProblem(error as NodeJS.ErrnoException);
      throw new CommandFailure(`cannot write ${path}: ${why}; nothing is changed`);
    }
  }
}

/** Makes the folders of the file that are not there, and gives what takes back all. */
function removal(file: string): () => void {
  const folder = mkdirSync(dirname(file), { recursive: true });
  return () => rmSync(folder ?? file, { recursive: true, force: true });
}

/** What could not be written cannot be written back either, and need not be. */
function restoring(file: string): () => void {
  const before = readFileSync(file);
  return () => {
    if (!readFileSync(file).equals(before)) writeFileSync(file, before);
  };
}

/** As `npm run format` leaves it: names are longer than those of the template, and sort elsewhere. */
function formatted(root: string, path: string, text: string): string {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'check', '--write', `--stdin-file-path=${path}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new CommandFailure(`the formatter refuses ${path}: ${stderr.trim().split('\n')[0]}`);
}
