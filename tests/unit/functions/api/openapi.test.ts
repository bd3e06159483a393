/** The OpenAPI document is one, and says what the routes say. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { openApiDocument } from '../../../../functions/api/openapi.ts';
import { ROUTES } from '../../../../functions/api/routes.ts';

const document = openApiDocument();

it('is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(validator.version).toBe('3.1');
});

it('has every route, with its parameters and under a name of its own', () => {
  expect(Object.keys(document.paths ?? {})).toEqual(ROUTES.map(({ path }) => path));
  const operations = Object.values(document.paths ?? {}).map((path) => path.get);
  const names = operations.map((operation) => operation?.operationId);
  expect(new Set(names).size).toBe(ROUTES.length);
  expect(names).toContain('hotItemsBoard');
  const windows = document.paths?.['/v1/hot-items/{board}']?.get?.parameters ?? [];
  expect(windows.map((each) => ('name' in each ? `${each.in} ${each.name}` : ''))).toEqual([
    'path board',
    'query latest',
    'query at',
    'query from',
    'query to',
    'query step',
    'query cursor',
  ]);
});

it('names the rows once, where all answers refer to them', () => {
  const schemas = Object.keys(document.components?.schemas ?? {});
  expect(schemas).toEqual(
    expect.arrayContaining(['RankingRow', 'OrderRow', 'Overview', 'Jobs', 'Problem', 'Time']),
  );
});
