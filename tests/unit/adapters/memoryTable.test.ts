/** What the memory table offers beyond the port; the port itself is in `tests/contract`. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { compareCodePoints } from '../../../shared/model/ids.ts';

const description = { name: 'memory', partitionKey: 'pk', sortKey: 'sk' };
const ALWAYS = { kind: 'always' } as const;

it('removes an item as time to live does, and shows all items', async () => {
  const table = memoryTable(description);
  await table.batchPut(['b', 'a', 'c'].map((sk) => ({ pk: 'p', sk })));
  expect(table.remove({ pk: 'p', sk: 'b' })).toBe('removed');
  expect(table.remove({ pk: 'p', sk: 'b' })).toBe('absent');
  expect(table.remove({ pk: 'q', sk: 'b' })).toBe('absent');
  expect([...table.items()].map(({ sk }) => sk)).toEqual(['a', 'c']);
});

it('hands out items that nobody can change', async () => {
  const table = memoryTable(description);
  await table.put({ pk: 'p', sk: 'a', list: [{ n: 1 }] }, ALWAYS);
  const item = await table.get({ pk: 'p', sk: 'a' }, 'strong');
  expect(() => Object.assign(item ?? {}, { n: 1 })).toThrow(TypeError);
  const list = item?.['list'] as unknown[];
  expect(() => list.push(1)).toThrow(TypeError);
});

it('sees between two pages of a query what was written meanwhile, and repeats nothing', async () => {
  const table = memoryTable(description, { pageBytes: 1 });
  await table.batchPut(['b', 'd'].map((sk) => ({ pk: 'p', sk })));
  const seen: unknown[] = [];
  for await (const { sk } of table.query({ pk: 'p', order: 'ascending', consistency: 'strong' })) {
    seen.push(sk);
    if (sk === 'b') await table.batchPut(['a', 'c'].map((more) => ({ pk: 'p', sk: more })));
    if (sk === 'c') table.remove({ pk: 'p', sk: 'b' });
  }
  expect(seen).toEqual(['b', 'c', 'd']);
});

it('keeps any keys in code point order, however they come and go', async () => {
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
  const steps = fc.array(fc.tuple(fc.constantFrom('put', 'remove'), key), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, key, key, async (sequence, a, b) => {
      const table = memoryTable(description);
      const expected = new Set<string>();
      for (const [step, sk] of sequence) {
        if (step === 'put') await table.put({ pk: 'p', sk }, ALWAYS);
        else table.remove({ pk: 'p', sk });
        if (step === 'put') expected.add(sk);
        else expected.delete(sk);
      }
      const sorted = [...expected].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      const [from = '', to = ''] = [a, b].sort(compareCodePoints);
      const found: unknown[] = [];
      const query = { pk: 'p', from, to, order: 'ascending', consistency: 'strong' } as const;
      for await (const { sk } of table.query(query)) found.push(sk);
      const inRange = (sk: string) =>
        compareCodePoints(from, sk) <= 0 && compareCodePoints(sk, to) <= 0;
      expect([...table.items()].map(({ sk }) => sk)).toEqual(sorted);
      expect(found).toEqual(sorted.filter(inRange));
    }),
  );
});
