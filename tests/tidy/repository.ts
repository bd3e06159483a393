/** The repository as a list of files: what git tracks, or would. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  { cwd: ROOT, encoding: 'utf8' },
);
const deleted = new Set(
  execFileSync('git', ['ls-files', '--deleted'], { cwd: ROOT, encoding: 'utf8' }).split('\n'),
);

/** Paths from the root. */
export const FILES: readonly string[] = listed
  .split('\n')
  .filter((path) => path !== '' && !deleted.has(path));

const texts = new Map<string, string>();

export function textOf(path: string): string {
  const known = texts.get(path) ?? readFileSync(posix.join(ROOT, path), 'utf8');
  texts.set(path, known);
  return known;
}

export const filesIn = (folder: string, extension: string): string[] =>
  FILES.filter((path) => path.startsWith(folder) && path.endsWith(extension));

/** Code without comments and the contents of quoted texts, so that words in prose are not taken for code. */
export function codeOf(path: string): string {
  return textOf(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '');
}

export interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly to: string;
  readonly kind: 'file' | 'package';
}

/** Static and dynamic imports and re-exports of a file. */
export function importsOf(path: string): Import[] {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g;
  return [...codeOf(path).matchAll(pattern)].map(([, target = '']) =>
    target.startsWith('.')
      ? { from: path, to: posix.join(posix.dirname(path), target), kind: 'file' }
      : { from: path, to: target, kind: 'package' },
  );
}
