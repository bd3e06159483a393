/** Which items of a partition a query goes through, and in what order. */
import { compareCodePoints } from '../../../shared/model/ids.ts';
import type { QueryRequest } from '../../../shared/ports/table.ts';

/** Those behind `after`, which is still among them: sort keys only ever come. */
export function* sortKeysAfter(
  after: string | undefined,
  sorted: readonly string[],
  request: QueryRequest,
): Generator<string> {
  const step = request.order === 'descending' ? -1 : 1;
  const first = step === 1 ? 0 : sorted.length - 1;
  const start = after === undefined ? first : sorted.indexOf(after) + step;
  for (let i = start; i >= 0 && i < sorted.length; i += step) {
    const sk = sorted[i] as string;
    if (!isOutside(sk, request)) yield sk;
  }
}

const isOutside = (sk: string, { from, to }: QueryRequest): boolean =>
  (from !== undefined && compareCodePoints(sk, from) < 0) ||
  (to !== undefined && compareCodePoints(sk, to) > 0);
