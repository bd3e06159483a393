import { describe, expect, it } from 'vitest';
import { endpointProblem, targetProblem } from '../../../infra/packaging/preflight.ts';

const TARGET = {
  stage: 'dev',
  stages: ['dev', 'prod', 'local'],
  region: 'eu-central-1',
  architecture: 'arm64',
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

describe('the stage for local servers', () => {
  it('is refused without an endpoint, since it would go to AWS', () => {
    expect(endpointProblem('local', undefined)).toContain('AWS_ENDPOINT_URL');
    expect(endpointProblem('local', '')).toContain('AWS_ENDPOINT_URL');
  });

  it.each([
    ['local', 'http://127.0.0.1:4566'],
    ['dev', undefined],
    ['prod', 'http://127.0.0.1:4566'],
  ])('does not bind others: %s at %s', (stage, endpoint) => {
    expect(endpointProblem(stage, endpoint)).toBeUndefined();
  });
});
