/** The real command line in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the puts of these tests leave their notes. */
const PUTS = mkdtempSync(join(tmpdir(), 'tidemark-puts-'));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Without the AWS variables of the shell that runs the tests, so that nothing is reached by accident.
 *
 * @param options.interruptAt what it prints before it is sent what Ctrl-C sends
 * @param options.project whose command line it is; where another one than this, also the folder that it runs in
 */
export function tidemark(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { interruptAt, project = ROOT }: { interruptAt?: string; project?: string } = {},
): Promise<Ended> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const child = spawn(process.execPath, [join(project, 'cli/tidemark.ts'), ...args], {
    ...(project === ROOT ? {} : { cwd: project }),
    // Nor is a local stack found that runs meanwhile, nor does a put leave a note in the project.
    env: {
      ...Object.fromEntries(clean),
      TIDEMARK_STACKS: '/dev/null',
      TIDEMARK_PUTS: PUTS,
      ...environment,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    const isDue = interruptAt !== undefined && out.includes(interruptAt);
    if (isDue && !child.killed) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
