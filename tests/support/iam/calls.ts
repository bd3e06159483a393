/**
 * What functions ask of AWS: every command that a handler's clients send, by the function that sends it.
 *
 * DynamoDB's commands go on to the server. Kinesis is answered by `shards.ts`, and Lambda takes every invocation.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Request } from './evaluator.ts';
import { type Input, otherRequest, tableRequests } from './requests.ts';

export interface Call extends Request {
  readonly functionName: string;
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Input;
}

/** Something that happens just before a call is sent: to stand in its way, throw. */
interface Interference {
  readonly functionName: string;
  /** As DynamoDB names it: `PutItem`. */
  readonly action: string;
  /** Physical name. */
  readonly table: string;
  readonly run: (input: Input) => Promise<void>;
}

export interface CallRecorder {
  readonly calls: readonly Call[];
  /** Runs work as a function: what it sends is that function's. */
  as<T>(functionName: string, work: () => Promise<T>): Promise<T>;
  /** Happens once, before the next such call. */
  interfere(interference: Interference): void;
  /** What was asked for and has not happened. */
  readonly pending: readonly Interference[];
  stop(): void;
}

/** @param keyOf the partition key attribute of a table, by physical name, or of its index */
export function recordCalls(
  keyOf: (table: string, index?: string) => string,
  kinesis: (action: string, input: Input) => object,
): CallRecorder {
  const functions = new AsyncLocalStorage<string>();
  const calls: Call[] = [];
  const pending: Interference[] = [];

  async function note(service: string, command: Command): Promise<string> {
    const { input } = command;
    const action = command.constructor.name.replace(/Command$/, '');
    const functionName = functions.getStore();
    if (functionName === undefined) return action;
    const requests =
      service === 'dynamodb' ? tableRequests(action, input, keyOf) : [otherRequest(service, input)];
    for (const request of requests) {
      const name = service === 'lambda' ? 'InvokeFunction' : action;
      calls.push({ functionName, action: `${service}:${name}`, ...request });
    }
    const at = pending.findIndex(
      (each) =>
        each.functionName === functionName &&
        each.action === action &&
        requests.some(({ resource }) => resource.endsWith(`:table/${each.table}`)),
    );
    const [found] = at < 0 ? [] : pending.splice(at, 1);
    await found?.run(input);
    return action;
  }

  const givingBack = [
    intercept(DynamoDBClient.prototype, async (command, send) => {
      await note('dynamodb', command);
      return send();
    }),
    intercept(KinesisClient.prototype, async (command) =>
      kinesis(await note('kinesis', command), command.input),
    ),
    intercept(LambdaClient.prototype, async (command) => {
      await note('lambda', command);
      return { StatusCode: 202 };
    }),
  ];
  return {
    calls,
    pending,
    as: (functionName, work) => functions.run(functionName, work),
    interfere: (interference) => void pending.push(interference),
    stop() {
      for (const giveBack of givingBack) giveBack();
    },
  };
}

type Send = (this: unknown, command: Command, ...rest: unknown[]) => Promise<unknown>;

/** Stands before `send` of all clients of a class. */
function intercept(
  prototype: object,
  handle: (command: Command, send: () => Promise<unknown>) => Promise<unknown>,
): () => void {
  const original = Reflect.get(prototype, 'send') as Send;
  const send: Send = function (command, ...rest) {
    return handle(command, () => Reflect.apply(original, this, [command, ...rest]));
  };
  // It is inherited, so that taking ours away uncovers it again.
  Object.defineProperty(prototype, 'send', { value: send, configurable: true });
  return () => void Reflect.deleteProperty(prototype, 'send');
}
