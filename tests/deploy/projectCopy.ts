/** The working tree in a folder of its own, so that a changed source can be deployed without changing it here. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
    // git also lists what is deleted and not yet committed as such.
    if (name === '' || !existsSync(join(ROOT, name))) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    cpSync(join(ROOT, name), join(to, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
}

/** Throws where the text is not in the file exactly once: the test has to follow the source. */
export function replaceIn(file: string, text: string, by: string): void {
  const before = readFileSync(file, 'utf8');
  if (before.split(text).length !== 2) throw new Error(`${file} does not have "${text}" once`);
  writeFileSync(
    file,
    before.replace(text, () => by),
  );
}
