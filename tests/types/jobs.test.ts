/** Illegal jobs do not compile, and legal ones infer what they should. The compiler is the test. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('compiles what must compile, and nothing that must not', async () => {
  const args = ['node_modules/typescript/bin/tsc', '-p', 'tests/types'];
  const output = await promisify(execFile)(process.execPath, args, { cwd: ROOT }).then(
    ({ stdout }) => stdout,
    (failure: { stdout: string }) => failure.stdout,
  );
  expect(output).toBe('');
});
