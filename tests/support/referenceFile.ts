/** The course project's input files, which lie beside the repository and are not part of it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../shared/data/', import.meta.url);

/** Says on the terminal, once a test file, why what needs a missing file is skipped. */
export function referenceFile(name: string): { path: string; isThere: boolean } {
  const path = fileURLToPath(new URL(name, FOLDER));
  const isThere = existsSync(path);
  if (!isThere) console.warn(`skipped: ../shared/data/${name} is not there`);
  return { path, isThere };
}
