/**
 * The port's conditions, updates and ranges in DynamoDB's expression language, with placeholders for every name and value.
 * Owns no request and no error: `table.ts` sends what is made here.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { compareCodePoints } from '../../model/ids.ts';
import type { Condition, Item, QueryRequest, TableDescription, Value } from '../../ports/table.ts';

export type Attributes = Record<string, AttributeValue>;

/** An expression with its placeholders: names are never written out, since many words are reserved. */
export interface Expression {
  readonly text: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, Value>;
}

/** Nothing for 'always'. */
export function conditionExpression(
  table: TableDescription,
  condition: Condition,
): Expression | undefined {
  switch (condition.kind) {
    case 'always':
      return undefined;
    case 'absent':
      return {
        text: 'attribute_not_exists(#pk)',
        names: { '#pk': table.partitionKey },
        values: {},
      };
    case 'equals':
      return {
        ...pathOf(condition.name),
        values: { ':guard': condition.value },
      };
    case 'absentOrAtMost':
      return {
        text: 'attribute_not_exists(#pk) OR #guard <= :guard',
        names: { '#pk': table.partitionKey, '#guard': condition.name },
        values: { ':guard': condition.value },
      };
  }
}

/** `map.name` is a path of two placeholders. */
function pathOf(name: string): Pick<Expression, 'text' | 'names'> {
  const parts = name.split('.');
  const places = parts.map((_, n) => (n === 0 ? '#guard' : `#guard${n}`));
  return {
    text: `${places.join('.')} = :guard`,
    names: Object.fromEntries(places.map((place, n) => [place, parts[n] as string])),
  };
}

export function setExpression(set: Item): Expression {
  const entries = Object.entries(set);
  return {
    text: `SET ${entries.map((_, n) => `#s${n} = :s${n}`).join(', ')}`,
    names: Object.fromEntries(entries.map(([name], n) => [`#s${n}`, name])),
    values: Object.fromEntries(entries.map(([, value], n) => [`:s${n}`, value])),
  };
}

/** 'nothing' where no sort key can lie between the bounds, which DynamoDB would refuse to answer. */
export function keyExpression(
  table: TableDescription,
  request: Pick<QueryRequest, 'pk' | 'from' | 'to'>,
): Expression | 'nothing' {
  const { pk, to } = request;
  const from = request.from === '' ? undefined : request.from; // no sort key is empty
  if (to === '') return 'nothing';
  if (from !== undefined && to !== undefined && compareCodePoints(from, to) > 0) return 'nothing';
  const bounds = boundsText(from, to);
  return {
    text: bounds ? `#pk = :pk AND ${bounds}` : '#pk = :pk',
    names: {
      '#pk': table.partitionKey,
      ...(bounds && table.sortKey ? { '#sk': table.sortKey } : {}),
    },
    values: {
      ':pk': pk,
      ...(from === undefined ? {} : { ':from': from }),
      ...(to === undefined ? {} : { ':to': to }),
    },
  };
}

function boundsText(from: string | undefined, to: string | undefined): string | undefined {
  if (from !== undefined && to !== undefined) return '#sk BETWEEN :from AND :to';
  if (from !== undefined) return '#sk >= :from';
  return to === undefined ? undefined : '#sk <= :to';
}

/** The placeholders of a request's expressions together; left out where there are none, as DynamoDB wants it. */
export function placeholders(...expressions: readonly (Expression | undefined)[]): {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Attributes;
} {
  const names: Record<string, string> = Object.assign({}, ...expressions.map((e) => e?.names));
  const values: Record<string, Value> = Object.assign({}, ...expressions.map((e) => e?.values));
  return {
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: marshall(values) } : {}),
  };
}
