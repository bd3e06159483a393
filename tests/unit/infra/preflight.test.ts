import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointProblem, targetProblem } from '../../../infra/packaging/preflight.ts';

const TARGET = {
  stage: 'dev',
  stages: ['dev', 'prod', 'local'],
  region: 'eu-central-1',
  architecture: 'arm64',
  encryptionKey: '',
};

describe('a target', () => {
  it.each(TARGET.stages)('may be any stage with parameters: %s', (stage) => {
    expect(targetProblem({ ...TARGET, stage })).toBeUndefined();
  });

  it.each(['prd', 'default', 'DEV', ''])(
    'is refused if its stage does not exist: "%s"',
    (stage) => {
      const problem = targetProblem({ ...TARGET, stage });
      expect(problem).toContain(`no stage "${stage}"`);
      expect(problem).toContain('dev, prod, local');
      expect(problem).toContain('--stage');
    },
  );

  it('is refused in a region without arm64, with what to do', () => {
    const problem = targetProblem({ ...TARGET, region: 'xx-north-9' });
    expect(problem).toContain('"xx-north-9"');
    expect(problem).toContain('--param "architecture=x86_64"');
  });

  it('may be any region with the architecture that all have', () => {
    const target = { ...TARGET, region: 'xx-north-9', architecture: 'x86_64' };
    expect(targetProblem(target)).toBeUndefined();
  });
});

describe('the key', () => {
  it('is of the region that the stage is in', () => {
    const keyIn = (region: string) => `arn:aws:kms:${region}:111122223333:key/a`;
    const problem = (region: string) => targetProblem({ ...TARGET, encryptionKey: keyIn(region) });
    expect(problem('eu-central-1')).toBeUndefined();
    expect(problem('eu-west-1')).toMatch(/"eu-west-1".*"eu-central-1"/);
  });
});

describe('the endpoint', () => {
  let server: Server;
  let endpoint: string;
  beforeAll(async () => {
    server = createServer((_, response) => response.writeHead(403).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  it('must be there for the stage of local servers, which would go to AWS', async () => {
    expect(await endpointProblem('local', undefined)).toContain('set AWS_ENDPOINT_URL');
    expect(await endpointProblem('local', '')).toContain('set AWS_ENDPOINT_URL');
    expect(await endpointProblem('dev', undefined)).toBeUndefined();
  });

  it.each(['local', 'prod'])(
    'may be any server that answers, whatever it says: %s',
    async (stage) => {
      expect(await endpointProblem(stage, endpoint)).toBeUndefined();
    },
  );

  it.each([
    ['127.0.0.1:4566', 'write an address such as http://127.0.0.1:4566'],
    ['http://localhost:4566', 'write 127.0.0.1 for localhost'],
    ['http://127.0.0.1:1', 'nothing answers there: start the server first'],
  ])('is refused with what to do: %s', async (wrong, problem) => {
    expect(await endpointProblem('dev', wrong)).toContain(problem);
  });
});
