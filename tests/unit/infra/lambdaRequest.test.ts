/** What requests to Lambda's API ask for; what is refused is never tried again by an SDK, so its status is below 500. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { invocationIn } from '../../../infra/local/lambdaRequest.ts';

const NAME = 'tidemark-local-pvuv';
const ARN = `arn:aws:lambda:us-east-1:000000000000:function:${NAME}`;

interface Given {
  readonly method?: string;
  readonly name?: string;
  readonly path?: string;
  readonly query?: string;
  readonly type?: string;
  readonly body?: string;
}

function asked({ method = 'POST', name = NAME, query = '', type, body = '', ...given }: Given) {
  const path = given.path ?? `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const headers = type === undefined ? {} : { 'x-amz-invocation-type': type };
  const request = Object.assign(Readable.from([Buffer.from(body)]), {
    method,
    url: `${path}${query}`,
    headers,
  });
  return invocationIn(request as unknown as IncomingMessage, (each) => each === NAME);
}

describe('a function is named', () => {
  it.each([
    ['by its name', { name: NAME }],
    ['with its only version', { name: `${NAME}:$LATEST` }],
    ['with its only version apart', { query: '?Qualifier=$LATEST' }],
    ['by its ARN', { name: ARN }],
    ['by its ARN with the version', { name: `${ARN}:$LATEST` }],
    ['by a part of its ARN', { name: `000000000000:function:${NAME}` }],
  ])('%s', async (_, given) => {
    const body = '{"a":1}';
    expect(await asked({ ...given, body })).toEqual({
      name: NAME,
      type: 'RequestResponse',
      event: { a: 1 },
    });
  });

  it('and without an event gets an empty one', async () => {
    expect(await asked({ type: 'Event' })).toEqual({ name: NAME, type: 'Event', event: {} });
  });
});

describe('refused is', () => {
  it.each([
    ['another function', { name: 'pvuv' }, 404, 'ResourceNotFoundException', /not found: pvuv$/],
    ['another version', { name: `${NAME}:7` }, 404, 'ResourceNotFoundException', /:7$/],
    ['another version apart', { query: '?Qualifier=7' }, 404, 'ResourceNotFoundException', /pvuv$/],
    [
      'a wrong escape',
      { path: '/2015-03-31/functions/%/invocations' },
      404,
      'ResourceNotFoundException',
      /%/,
    ],
    [
      'another call',
      { method: 'GET', path: '/2015-03-31/functions' },
      404,
      'UnknownOperationException',
      /Invoke only, not GET \/2015-03-31\/functions/,
    ],
    [
      'an unknown kind of invocation',
      { type: 'Later' },
      400,
      'InvalidParameterValueException',
      /"Later"/,
    ],
    [
      'an event that is no JSON',
      { body: '{"a' },
      400,
      'InvalidRequestContentException',
      /into json/,
    ],
  ])('%s', async (_, given, status, type, message) => {
    const { refusal } = await asked(given);
    expect(refusal).toMatchObject({ status, type, message: expect.stringMatching(message) });
  });
});
