/** What the parts of the `Table` contract have in common. */
import type { Condition, Item, QueryRequest, Table } from '../../shared/ports/table.ts';

export const ALWAYS: Condition = { kind: 'always' };
export const INVARIANT = { name: 'InvariantViolation' };

/** A new partition for each test, so that one table serves them all. */
export function partitionNames(): () => string {
  let partitions = 0;
  return () => {
    partitions += 1;
    return `p${partitions}`;
  };
}

export const itemAt = (pk: string, sk: string, attributes: Item = {}): Item => ({
  table: pk,
  order: sk,
  ...attributes,
});

export async function sortKeysIn(
  table: Table,
  request: Partial<QueryRequest> & { pk: string },
): Promise<string[]> {
  const found: string[] = [];
  const query = table.query({ order: 'ascending', consistency: 'strong', ...request });
  for await (const item of query) found.push(String(item['order']));
  return found;
}
