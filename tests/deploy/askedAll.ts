/** schemathesis makes requests of an API's description, right and wrong ones, and holds the answers to it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, runCommand } from './commands.ts';
import { PATH } from './emulator.ts';

/** Checks that are not made, each with its reason. */
const EXCLUDED: Readonly<Record<string, string>> = {
  positive_data_acceptance:
    'a description cannot say that parameters exclude each other, or which cursors there are',
};
/** Of each route, in the part that invents requests; what follows from the description alone is some 1,200 of them. */
const REQUESTS = 12;
const LIMIT_MS = 180_000;

/** @param options.folder for what it writes */
export function askedAll(
  address: string,
  options: { readonly command: string; readonly folder: string },
): Promise<Ended> {
  const cwd = join(options.folder, 'schemathesis');
  mkdirSync(cwd, { recursive: true });
  const checks = ['--checks', 'all', '--exclude-checks', Object.keys(EXCLUDED).join(',')];
  // The same requests each time.
  const requests = ['--generation-deterministic', '--max-examples', String(REQUESTS)];
  const output = ['--no-color', '--warnings', 'off'];
  const args = ['run', `${address}/openapi.json`, ...checks, ...requests, ...output];
  const limits = { cwd, env: { PATH, HOME: cwd }, limitMs: LIMIT_MS };
  return runCommand(options.command, args, limits);
}
