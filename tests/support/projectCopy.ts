/** The working tree in a folder and a repository of its own, so that sources can be changed without changing them here. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIST_BYTES_MAX = 64 * 1024 * 1024;

/** All files that git knows, or would take, as they are now; node_modules is linked. */
export function copyProject(to: string): void {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', list, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: LIST_BYTES_MAX,
  });
  for (const name of names.split('\0')) {
    const from = join(ROOT, name);
    // git also lists what is deleted and not yet committed as such, and links to folders.
    if (!statSync(from, { throwIfNoEntry: false })?.isFile()) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    copyFileSync(from, join(to, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
  // Tools ask git what is ignored; for .gitignore a link is no folder.
  execFileSync('git', ['init', '--quiet'], { cwd: to });
  appendFileSync(join(to, '.git/info/exclude'), 'node_modules\n');
}
