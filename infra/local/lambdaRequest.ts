/** What a request to Lambda's API asks for, and what Lambda answers to one that it refuses. */
import type { IncomingMessage } from 'node:http';

interface Refusal {
  readonly status: number;
  /** By which SDKs know the error; none of these is tried again. */
  readonly type: string;
  readonly message: string;
}

const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;

interface Invocation {
  readonly name: string;
  readonly type: (typeof INVOCATION_TYPES)[number];
  readonly event: unknown;
  readonly refusal?: never;
}

type Asked = Invocation | { readonly refusal: Refusal };

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
/** A name, alone or at the end of an ARN, which may be cut short at its beginning. */
const FUNCTION_NAME = /^(?:(?:arn:[^:]+:lambda:[^:]+:)?[^:]+:function:)?([^:]+)(?::([^:]+))?$/;
/** Nothing is versioned here. */
const ONLY_VERSION = '$LATEST';

export async function invocationIn(
  request: IncomingMessage,
  isFunction: (name: string) => boolean,
): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const given = INVOKE_PATH.exec(pathname)?.[1];
  if (request.method !== 'POST' || given === undefined) {
    const message = `the local stack answers Invoke only, not ${request.method} ${pathname}`;
    return refused(404, 'UnknownOperationException', message);
  }
  const text = decoded(given);
  const [, name = '', version = searchParams.get('Qualifier') ?? ONLY_VERSION] =
    FUNCTION_NAME.exec(text) ?? [];
  if (!isFunction(name) || version !== ONLY_VERSION) {
    return refused(404, 'ResourceNotFoundException', `Function not found: ${text}`);
  }
  const wanted = request.headers['x-amz-invocation-type'] ?? INVOCATION_TYPES[0];
  const type = INVOCATION_TYPES.find((each) => each === wanted);
  if (!type) {
    const message = `the invocation type is "${wanted}"; give one of ${INVOCATION_TYPES.join(', ')}`;
    return refused(400, 'InvalidParameterValueException', message);
  }
  try {
    return { name, type, event: eventIn(await textOf(request)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `Could not parse request body into json: ${error.message}`;
    return refused(400, 'InvalidRequestContentException', message);
  }
}

const refused = (status: number, type: string, message: string): Asked => ({
  refusal: { status, type, message },
});

/** What is escaped wrongly names no function. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

const eventIn = (text: string): unknown => (text === '' ? {} : JSON.parse(text));
