/** What functions read from their environment. */
import { describe, expect, it } from 'vitest';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { readEnvironment } from '../../../shared/lambda/environment.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';

const STAGE = { TIDEMARK_STAGE: 'dev' };

describe('the environment', () => {
  it('has defaults for all but the stage', () => {
    const environment = readEnvironment(STAGE);
    expect(environment.settings).toEqual(DEFAULT_SETTINGS);
    expect(environment.closeFunction).toBeUndefined();
    expect(environment.nameOf('pvuv')).toBe('tidemark-dev-pvuv');
  });

  it('sets how long silence lasts', () => {
    const variables = { ...STAGE, TIDEMARK_FLUSH_AFTER: '5s', TIDEMARK_IDLE_AFTER: '2min' };
    expect(readEnvironment(variables).settings).toMatchObject({
      flushAfter: 5_000,
      idleAfter: 120_000,
    });
    const never = readEnvironment({ ...STAGE, TIDEMARK_FLUSH_AFTER: 'never' });
    expect(never.settings.flushAfter).toBe('never');
  });

  it.each([
    [{}, 'TIDEMARK_STAGE'],
    [{ TIDEMARK_STAGE: 'Dev' }, 'must be a stage name such as dev'],
    [{ TIDEMARK_STAGE: '' }, 'must be a stage name such as dev'],
    [{ ...STAGE, TIDEMARK_FLUSH_AFTER: 'soon' }, 'TIDEMARK_FLUSH_AFTER is "soon"'],
    [{ ...STAGE, TIDEMARK_IDLE_AFTER: '60' }, 'TIDEMARK_IDLE_AFTER is "60"'],
  ])('refuses %o before anything is read', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(JobDefinitionError);
    expect(() => readEnvironment(variables)).toThrow(message);
  });

  it('refuses a variable of a job that names none of its parameters, which nobody would hear of', () => {
    const { build } = readEnvironment({ ...STAGE, TIDEMARK_HOT_ITEMS_TOPP: '2' });
    expect(() => build(hotItems)).toThrow(JobDefinitionError);
    expect(() => build(hotItems)).toThrow(/TIDEMARK_HOT_ITEMS_TOPP .*\bTIDEMARK_HOT_ITEMS_TOP\b/);
  });

  it('overrides parameters of a job, and only of that job', () => {
    const variables = {
      ...STAGE,
      TIDEMARK_HOT_ITEMS_LATENESS: '30s',
      TIDEMARK_PVUV_LATENESS: '1h',
    };
    expect(readEnvironment(variables).build(hotItems).allowedLateness).toBe(30_000);
  });

  it('names the parameter that makes no sense', () => {
    const environment = readEnvironment({ ...STAGE, TIDEMARK_HOT_ITEMS_TOP: 'many' });
    expect(() => environment.build(hotItems)).toThrow('top is "many"; give a whole number');
  });
});
