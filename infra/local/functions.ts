/** The real handlers, loaded from `functions/` and invoked as Lambda invokes them: context, time limit, cold start. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import type { Definitions, FunctionDefinition } from './definitions.ts';
import type { HandlerOutput } from './handlerOutput.ts';

export interface LocalFunctions {
  /** By name or physical name. */
  has(name: string): boolean;
  /** The handler's result; throws what it throws, or after its time limit, when it may still be running. */
  invoke(name: string, event: unknown): Promise<unknown>;
}

type Handler = (event: unknown, context: Context) => Promise<unknown>;

let coldStarts = 0;

/** Where functions are loaded from, and who hears of them. */
export interface FunctionsSource {
  readonly root: string;
  readonly definitions: Pick<Definitions, 'functions' | 'region'>;
  readonly output: Pick<HandlerOutput, 'within' | 'log'>;
  /** Hears what handlers returned. */
  readonly onResult: (functionName: string, result: unknown) => void;
}

/** Loads every function into an execution environment of its own. What they read at start must be in the environment before. */
export async function loadFunctions(source: FunctionsSource): Promise<LocalFunctions> {
  const { root, definitions, output, onResult } = source;
  coldStarts += 1;
  const loaded = new Map<string, { definition: FunctionDefinition; handler: Handler }>();
  for (const definition of definitions.functions) {
    const handler = await output.within(() => loadHandler(root, definition.handler));
    loaded.set(definition.name, { definition, handler });
    loaded.set(definition.physicalName, { definition, handler });
  }
  return {
    has: (name) => loaded.has(name),
    async invoke(name, event) {
      const found = loaded.get(name);
      if (!found) throw new Error(`there is no function ${name}`);
      const { definition, handler } = found;
      const invocation = () => invokeInTime(handler, event, definition, definitions.region);
      const result = await output.within(invocation);
      onResult(definition.name, result);
      return result;
    },
  };
}

async function loadHandler(root: string, place: string): Promise<Handler> {
  const dot = place.lastIndexOf('.');
  const url = pathToFileURL(join(root, `${place.slice(0, dot)}.ts`));
  // A module that was loaded before keeps the clients of a stack that is gone: every stack is a cold start.
  url.search = `coldStart=${coldStarts}`;
  const module = (await import(url.href)) as Readonly<Record<string, unknown>>;
  const handler = module[place.slice(dot + 1)];
  if (typeof handler !== 'function') throw new Error(`${place} is not a function`);
  return handler as Handler;
}

async function invokeInTime(
  handler: Handler,
  event: unknown,
  definition: FunctionDefinition,
  region: string,
): Promise<unknown> {
  const limitMs = definition.timeoutSeconds * 1_000;
  const context = contextOf(definition, region, performance.now() + limitMs);
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<never>((_, reject) => {
    const message = `${definition.name}: task timed out after ${definition.timeoutSeconds} seconds`;
    timer = setTimeout(() => reject(new Error(message)), limitMs);
  });
  try {
    return await Promise.race([handler(event, context), outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}

function contextOf(definition: FunctionDefinition, region: string, endsAt: number): Context {
  const name = definition.physicalName;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${name}`,
    memoryLimitInMB: String(definition.memoryMegabytes),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAt - performance.now())),
    done() {},
    fail() {},
    succeed() {},
  };
}
