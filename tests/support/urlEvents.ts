/** Events of a function's URL, as Lambda makes them of requests. */
import type { ApiHandler } from '../../shared/lambda/apiHandler.ts';

type UrlEvent = Parameters<ApiHandler>[0];

const HOST = '0123456789abcdefghijklmnopqrstuv.lambda-url.us-east-1.on.aws';

/** @param target path and query, as in a request */
export function urlEvent(target: string, headers: Readonly<Record<string, string>> = {}): UrlEvent {
  const { pathname, search } = new URL(target, `https://${HOST}`);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { host: HOST, 'x-forwarded-proto': 'https', ...headers },
    body: null,
    isBase64Encoded: false,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'x',
      authentication: null,
      authorizer: {},
      domainName: HOST,
      domainPrefix: 'x',
      http: {
        method: 'GET',
        path: pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'test',
      },
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '02/Mar/2026:10:00:00 +0000',
      timeEpoch: 1_772_445_600_000,
    },
  };
}
