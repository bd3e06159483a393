/** What the compiler says of files, compiled as the project is. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../tidy/repository.ts';

/** @param files by name; imports from the project's root are `../../…` */
export async function compiled(files: Readonly<Record<string, string>>): Promise<string> {
  const cache = join(ROOT, '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'compiled-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const config = { extends: '../../tsconfig.json', include: ['*.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return await compile(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compile(folder: string): Promise<string> {
  const args = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder];
  return promisify(execFile)(process.execPath, args).then(
    ({ stdout }) => stdout,
    // A compiler that never ran prints nothing on standard output.
    (failure: { stdout: string; stderr: string } & Error) =>
      failure.stdout || failure.stderr || failure.message,
  );
}
