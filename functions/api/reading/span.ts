/** From when to when windows are stored: how far a screen can go back. */
import { WINDOW_END } from '../../../shared/job/tables.ts';
import type { ApiContext } from '../context.ts';

export async function readSpan({
  tables,
  rows: reader,
}: Pick<ApiContext, 'tables' | 'rows'>): Promise<{ from: string; to: string } | null> {
  const headlines = [...tables.values()].flatMap(({ name, headline }) =>
    headline === undefined ? [] : [{ name, headline }],
  );
  const orders = ['ascending', 'descending'] as const;
  const pages = await Promise.all(
    headlines.flatMap(({ name, headline }) =>
      orders.map((order) => reader.page({ table: name, pk: headline, order, limit: 1 })),
    ),
  );
  const ends = pages.flatMap(({ rows }) => rows.map((row) => String(row[WINDOW_END]))).sort();
  const [from, to] = [ends[0], ends.at(-1)];
  return from === undefined || to === undefined ? null : { from, to };
}
