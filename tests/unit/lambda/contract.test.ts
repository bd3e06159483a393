import { expect, it } from 'vitest';
import { logicalName, parameterVariable, physicalName } from '../../../shared/lambda/contract.ts';

it('names streams and tables by stage, and back', () => {
  expect(physicalName('dev', 'user-behavior')).toBe('tidemark-dev-user-behavior');
  expect(logicalName('dev', 'tidemark-dev-user-behavior')).toBe('user-behavior');
});

it('does not take another stage or project for its own', () => {
  expect(logicalName('dev', 'tidemark-prod-user-behavior')).toBeUndefined();
  expect(logicalName('dev', 'user-behavior')).toBeUndefined();
});

it.each([
  ['hot-items', 'outOfOrderness', 'TIDEMARK_HOT_ITEMS_OUT_OF_ORDERNESS'],
  ['pvuv', 'distinct', 'TIDEMARK_PVUV_DISTINCT'],
  ['order-timeout', 'payWait', 'TIDEMARK_ORDER_TIMEOUT_PAY_WAIT'],
])('reads parameter %s.%s from %s', (job, parameter, variable) => {
  expect(parameterVariable(job, parameter)).toBe(variable);
});
