/**
 * The local stacks that run from this folder: each leaves a file that says where it listens, so that commands find it on
 * whatever ports. A file whose process is gone is as good as none, and goes; one of another name is none of ours.
 *
 * They are in `.cache/stacks`, or where TIDEMARK_STACKS says, which tests use.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  api: z.url(),
});
export type RunningStack = Readonly<z.output<typeof runningStack>>;

const UNFINISHED = '.new';
/** The process, and whether it is still writing. */
const FILE_NAME = /^([1-9]\d{0,9})\.json(\.new)?$/;

/** Leaves the file; the result takes it away. */
export function announceStack(stack: RunningStack, folder = stacksFolder()): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${stack.pid}.json`);
  // Whole or not at all: a command may look at any moment.
  const unfinished = `${file}${UNFINISHED}`;
  writeFileSync(unfinished, JSON.stringify(stack));
  renameSync(unfinished, file);
  return () => rmSync(file, { force: true });
}

/** The one that commands mean; undefined where none runs. Throws UsageError where nothing tells which one. */
export function findStack(folder = stacksFolder()): RunningStack | undefined {
  const stacks = filesIn(folder).flatMap((name) => stackIn(folder, name));
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

function stackIn(folder: string, name: string): RunningStack[] {
  const [, pid, unfinished] = FILE_NAME.exec(name) ?? [];
  if (pid === undefined) return [];
  const file = join(folder, name);
  if (!isRunning(Number(pid))) {
    rmSync(file, { force: true });
    return [];
  }
  const { data } = runningStack.safeParse(contentOf(file));
  return data && !unfinished && data.pid === Number(pid) ? [data] : [];
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
