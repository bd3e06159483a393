/**
 * Who may talk to the local servers: programs of this machine, and no web page. A browser sends requests of any page to
 * 127.0.0.1, and under a name of the page's own as well. It tells in `Origin` and `Sec-Fetch-Site` whose request it is, and in `Host`
 * the name that it believes. SDKs and command lines send neither of the first two, and the address that they were given.
 */
import type { IncomingMessage, RequestListener } from 'node:http';

const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const OWN_SITES = new Set(['same-origin', 'none']);
const DEFAULT_PORT = '80';
const FORBIDDEN = 403;

/** Why the request is refused, in a line; undefined where it is not. */
export function refusalOf({
  headers,
  socket,
}: Pick<IncomingMessage, 'headers'> & {
  readonly socket: Pick<IncomingMessage['socket'], 'localPort'>;
}): string | undefined {
  const { host = '', origin } = headers;
  const url = URL.parse(`http://${host}`);
  if (
    !url ||
    !OWN_NAMES.has(url.hostname) ||
    (url.port || DEFAULT_PORT) !== String(socket.localPort)
  ) {
    return `the Host header is "${host}"; the local stack answers at 127.0.0.1:${socket.localPort} only`;
  }
  const site = headers['sec-fetch-site'];
  const isForeign = origin !== undefined && origin !== url.origin;
  if (isForeign || (site !== undefined && !OWN_SITES.has(String(site)))) {
    return `the request is of the web page ${origin ?? 'of another site'}; the local stack answers programs only`;
  }
  return undefined;
}

/** Lets through what is not refused. */
export function localOnly(listener: RequestListener): RequestListener {
  return (request, response) => {
    const refusal = refusalOf(request);
    if (refusal === undefined) {
      listener(request, response);
      return;
    }
    request.resume();
    response.setHeader('x-amzn-ErrorType', 'AccessDeniedException');
    response.writeHead(FORBIDDEN, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify({ __type: 'AccessDeniedException', message: refusal })}\n`);
  };
}
