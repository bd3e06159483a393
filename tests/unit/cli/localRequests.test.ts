import { describe, expect, it } from 'vitest';
import { type LocalServer, refusalOf } from '../../../cli/localRequests.ts';

const PORT = 4567;
const OWN = `http://127.0.0.1:${PORT}`;
const refusal = (headers: Record<string, string>, localPort = PORT) =>
  refusalOf({ method: 'POST', headers, socket: { localPort } });

describe('a request is let through', () => {
  it.each([
    ['of an SDK, aws or boto3', { host: `127.0.0.1:${PORT}` }],
    ['to the machine by name', { host: `localhost:${PORT}` }],
    ['to the machine in IPv6', { host: `[::1]:${PORT}` }],
    ['whatever the case of its name', { host: `LocalHost:${PORT}` }],
    ['typed into a browser', { host: `127.0.0.1:${PORT}`, 'sec-fetch-site': 'none' }],
    [
      'of a page of its own',
      { host: `127.0.0.1:${PORT}`, origin: OWN, 'sec-fetch-site': 'same-origin' },
    ],
  ])('%s', (_, headers) => {
    expect(refusal(headers)).toBeUndefined();
  });

  it('without a port, which is 80', () => {
    expect(refusal({ host: 'localhost' }, 80)).toBeUndefined();
  });
});

describe('a request is refused', () => {
  const host = `127.0.0.1:${PORT}`;
  it.each([
    ['under a name that somebody points here', { host: `evil.example:${PORT}` }, /Host header is/],
    ['that begins as ours', { host: `localhost.evil.example:${PORT}` }, /Host header is/],
    ['with our address as a user', { host: `127.0.0.1:${PORT}@evil.example` }, /Host header is/],
    ['to another port', { host: '127.0.0.1:9999' }, /answers at 127\.0\.0\.1:4567 only/],
    ['without a port', { host: '127.0.0.1' }, /Host header is/],
    ['without a host', {}, /Host header is ""/],
    ['of another site', { host, origin: 'https://evil.example' }, /page https:\/\/evil\.example/],
    ['of a page of another port', { host, origin: 'http://127.0.0.1:3000' }, /web page/],
    ['of a page by our other name', { host, origin: `http://localhost:${PORT}` }, /web page/],
    ['of a file or a sandbox', { host, origin: 'null' }, /web page null/],
    ['of an image in another site', { host, 'sec-fetch-site': 'cross-site' }, /another site/],
  ])('%s', (_, headers, message) => {
    expect(refusal(headers)).toMatch(message);
    expect(refusal(headers)).not.toContain('\n');
  });
});

describe('a link in another site', () => {
  const DASHBOARD: LocalServer = { name: 'the dashboard', admits: 'links', refusal: 'problem' };
  const LINK = {
    host: `127.0.0.1:${PORT}`,
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
  const refused = (headers: Record<string, string>, method = 'GET', server = DASHBOARD) =>
    refusalOf({ method, headers, socket: { localPort: PORT } }, server);

  it('leads to a server with a page for people, and to no other', () => {
    expect(refused(LINK)).toBeUndefined();
    expect(refusalOf({ method: 'GET', headers: LINK, socket: { localPort: PORT } })).toMatch(
      /another site; the local stack answers programs only/,
    );
  });

  it.each([
    ['shows the page in a frame', { ...LINK, 'sec-fetch-dest': 'iframe' }, 'GET'],
    ['fetches', { ...LINK, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 'GET'],
    ['loads a script', { ...LINK, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }, 'GET'],
    ['sends a form', { ...LINK, origin: 'https://evil.example' }, 'POST'],
    ['sends a form without saying whose', LINK, 'POST'],
    ['says whose it is', { ...LINK, origin: 'https://evil.example' }, 'GET'],
    ['has a name of its own for us', { ...LINK, host: `evil.example:${PORT}` }, 'GET'],
  ])('is none where the other site %s', (_, headers, method) => {
    expect(refused(headers, method)).toMatch(/; the dashboard answers /);
  });
});
