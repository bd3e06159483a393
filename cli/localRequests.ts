/**
 * Who may talk to servers of this machine: programs, and no web page but their own. A browser sends requests of any page to
 * 127.0.0.1, and under a name of the page's own as well. It tells in `Origin` and `Sec-Fetch-Site` whose request it is, and in `Host`
 * the name that it believes. SDKs and command lines send neither of the first two, and the address that they were given.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Problem } from '../functions/api/contract/answers.ts';

export interface LocalServer {
  /** As it speaks of itself. */
  readonly name: string;
  /** What may lead a browser to it: nothing in another site, or a link, which shows its page by itself and tells that site nothing. */
  readonly admits: 'programs' | 'links';
  /** How it refuses: as clients of AWS understand it, or as the API answers (RFC 9457). */
  readonly refusal: 'aws' | 'problem';
}

/** A server of the local stack, which has no page. */
const STACK_SERVER: LocalServer = {
  name: 'the local stack',
  admits: 'programs',
  refusal: 'aws',
};

const ADMITTED = { programs: 'programs', links: 'programs and its own page' } as const;

const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const OWN_SITES = new Set(['same-origin', 'none']);
const DEFAULT_PORT = '80';
const FORBIDDEN = 403;

type Asked = Pick<IncomingMessage, 'headers' | 'method'> & {
  readonly socket: Pick<IncomingMessage['socket'], 'localPort'>;
};

/** Why the request is refused, in a line; undefined where it is not. */
export function refusalOf(request: Asked, server: LocalServer = STACK_SERVER): string | undefined {
  const { headers, socket } = request;
  const { host = '', origin } = headers;
  const url = URL.parse(`http://${host}`);
  if (
    !url ||
    !OWN_NAMES.has(url.hostname) ||
    (url.port || DEFAULT_PORT) !== String(socket.localPort)
  ) {
    return `the Host header is "${host}"; ${server.name} answers at 127.0.0.1:${socket.localPort} only`;
  }
  const site = headers['sec-fetch-site'];
  const isForeign = origin !== undefined && origin !== url.origin;
  const isOfOthers = site !== undefined && !OWN_SITES.has(String(site));
  if (isForeign || (isOfOthers && !(server.admits === 'links' && followsLink(request)))) {
    return `the request is of the web page ${origin ?? 'of another site'}; ${server.name} answers ${ADMITTED[server.admits]} only`;
  }
  return undefined;
}

/** The page comes to stand by itself in a tab: in no frame of another site, and as the answer to no form of it. */
const followsLink = ({ method, headers }: Asked): boolean =>
  method === 'GET' &&
  headers.origin === undefined &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';

/** Lets through what is not refused. */
export function localOnly(
  listener: RequestListener,
  server: LocalServer = STACK_SERVER,
): RequestListener {
  return (request, response) => {
    const refusal = refusalOf(request, server);
    if (refusal === undefined) {
      listener(request, response);
      return;
    }
    const { headers, body } = ANSWERS[server.refusal](refusal);
    request.resume();
    response.writeHead(FORBIDDEN, { ...headers, connection: 'close' });
    response.end(`${JSON.stringify(body)}\n`);
  };
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

const ANSWERS: Readonly<Record<LocalServer['refusal'], (why: string) => Answer>> = {
  aws: (message) => ({
    headers: {
      'content-type': 'application/json',
      'x-amzn-ErrorType': 'AccessDeniedException',
    },
    body: { __type: 'AccessDeniedException', message },
  }),
  problem: (detail) => ({
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: {
      type: 'about:blank',
      title: 'Forbidden',
      status: FORBIDDEN,
      detail,
    } satisfies Problem,
  }),
};
