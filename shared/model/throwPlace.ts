/**
 * Where the job's own code threw: its file and line, as who wrote it knows them. The stack tells; of a deployed bundle too, since
 * `serverless.yml` has source maps on. It names no folder of the machine, nothing of the engine, and is the same for every event
 * on which the same line throws: reasons of dead letters are stored once each.
 */

const THIS_FILE = 'shared/model/throwPlace.ts';
/** `at name (file:///folder/file.ts:1:2)`, or without the name, or without the scheme. */
const FRAME = /^ +at (?:.* \()?([^()]+):(\d+):\d+\)?$/;
/** From here the job's code is called: what is below them in a stack is none of the job's. */
const CALLERS = ['shared/operators/', 'shared/runtime/', 'inputs/', 'cli/', 'infra/', 'bench/'];
/** A job's code calls these, and none of them is the place to look at. */
const CALLED = ['shared/', 'node_modules/'];

/** The text with the place behind it: `no such item (at functions/pvuv/job.ts:31)`; as it is where the stack does not tell. */
export function withPlace(text: string, error: unknown): string {
  const place = throwPlace(error);
  return place === undefined ? text : `${text} (at ${place})`;
}

function throwPlace(error: unknown): string | undefined {
  const root = projectRoot();
  if (root === undefined) return undefined;
  for (const line of framesOf(error)) {
    const [, file = '', at] = FRAME.exec(line) ?? [];
    if (!file.startsWith(root)) continue;
    const path = file.slice(root.length);
    if (CALLERS.some((folder) => path.startsWith(folder))) return undefined;
    if (CALLED.some((folder) => path.startsWith(folder))) continue;
    // As bytes in between, so that the rest of the stack is not kept in memory.
    return Buffer.from(`${path}:${at}`).toString();
  }
  return undefined;
}

/** The message may hold text of the event, and that may look like frames: it is left out. */
function framesOf(error: unknown): readonly string[] {
  try {
    if (!(error instanceof Error)) return [];
    const { stack = '', message } = error;
    const start = stack.indexOf(message);
    return start < 0 ? [] : stack.slice(start + message.length).split('\n');
  } catch {
    return [];
  }
}

let root: string | undefined;

/** As stacks write it: what stands before the name of this file. */
function projectRoot(): string | undefined {
  root ??= framesOf(new Error('where'))
    .map((line) => FRAME.exec(line)?.[1])
    .find((file) => file?.endsWith(`/${THIS_FILE}`))
    ?.slice(0, -THIS_FILE.length);
  return root;
}
