import { expect, it } from 'vitest';
import { aggregatesPage } from '../../scripts/aggregatesPage.ts';
import { textOf } from './repository.ts';

it('docs/aggregates.md is what npm run docs makes of the docstrings', () => {
  const page = aggregatesPage();
  expect(page.match(/^## /gm)?.length).toBeGreaterThan(8);
  expect(textOf('docs/aggregates.md')).toBe(page);
});
