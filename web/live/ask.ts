/** One request: what came, in a closed form. Nothing is thrown; of what was aborted nobody listens to the reply. */
import { retryAfterOf } from './delays.ts';

export type Reply =
  | { readonly kind: 'data'; readonly data: unknown; readonly etag: string | undefined }
  | { readonly kind: 'same' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Failure {
  readonly by: 'network' | 'server' | 'refused' | 'missing' | 'locked' | 'unreadable';
  /** In a line, where the server said something: text for people, in English. */
  readonly detail: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const NOT_MODIFIED = 304;
const TOO_MANY = 429;
const SERVER = 500;
const TIMEOUT_MS = 20_000;

export interface Question {
  readonly url: string;
  readonly etag: string | undefined;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

export async function ask(fetch: Fetch, { url, etag, token, signal }: Question): Promise<Reply> {
  try {
    const response = await fetch(url, {
      // The page revalidates by itself, and must hear of a 304 to know that its data are of now.
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === NOT_MODIFIED) return { kind: 'same' };
    if (!response.ok) return { kind: 'failed', failure: await failureOf(response) };
    const data: unknown = await response.json();
    return { kind: 'data', data, etag: response.headers.get('etag') ?? undefined };
  } catch (error) {
    const by = error instanceof SyntaxError ? 'unreadable' : 'network';
    return { kind: 'failed', failure: { by, detail: undefined } };
  }
}

async function failureOf(response: Response): Promise<Failure> {
  return {
    by: causeOf(response.status),
    detail: await detailOf(response),
    retryAfterMs: retryAfterOf(response.headers.get('retry-after')),
  };
}

function causeOf(status: number): Failure['by'] {
  if (status === UNAUTHORIZED) return 'locked';
  if (status === NOT_FOUND) return 'missing';
  return status === TOO_MANY || status >= SERVER ? 'server' : 'refused';
}

/** RFC 9457; what stands before the server may answer something else. */
async function detailOf(response: Response): Promise<string | undefined> {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
