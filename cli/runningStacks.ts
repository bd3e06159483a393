/**
 * The local stacks that run from this folder: each leaves a file that says where it listens, so that commands find it on
 * whatever ports. A file whose process is gone is as good as none, and goes.
 *
 * They are in `.cache/stacks`, or where TIDEMARK_STACKS says, which tests use.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UsageError } from '../inputs/usageError.ts';
import { LOCAL_PORTS } from './endpoints.ts';

const runningStack = z.object({
  pid: z.int().positive(),
  kinesis: z.url(),
  dynamodb: z.url(),
  lambda: z.url(),
});
export type RunningStack = Readonly<z.output<typeof runningStack>>;

/** Leaves the file; the result takes it away. */
export function announceStack(stack: RunningStack, folder = stacksFolder()): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${stack.pid}.json`);
  writeFileSync(file, JSON.stringify(stack));
  return () => rmSync(file, { force: true });
}

/** The one that commands mean; undefined where none runs. Throws UsageError where nothing tells which one. */
export function findStack(folder = stacksFolder()): RunningStack | undefined {
  const stacks = filesIn(folder).flatMap((name) => stackIn(join(folder, name)));
  const usual = stacks.find(
    ({ dynamodb }) => new URL(dynamodb).port === String(LOCAL_PORTS.dynamodb),
  );
  if (usual || stacks.length <= 1) return usual ?? stacks[0];
  const places = stacks.map(({ kinesis, dynamodb }) => `${kinesis} with ${dynamodb}`);
  throw new UsageError(
    `${stacks.length} local stacks run: ${places.join(', ')}; name one in AWS_ENDPOINT_URL_KINESIS and AWS_ENDPOINT_URL_DYNAMODB`,
  );
}

const stacksFolder = (): string =>
  process.env['TIDEMARK_STACKS'] ?? fileURLToPath(new URL('../.cache/stacks', import.meta.url));

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function stackIn(file: string): RunningStack[] {
  const { data } = runningStack.safeParse(contentOf(file));
  if (data && isRunning(data.pid)) return [data];
  rmSync(file, { force: true });
  return [];
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Signal 0 only asks. A process of somebody else's may not be asked, and is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
