/**
 * From when to when there are windows that say something: how far a screen can go back, and where it stands when it is live.
 *
 * Where an input ends, the clock closes all windows that hold something of it, the last of them a window's length behind the last
 * event, with less in each. They are there for whoever asks, and no screen should come to rest on them. So the newest
 * window of a screen is the newest final one of any table; where it is not the newest of its own table, the final ones end about a
 * window's length before. Where none is final, the newest one of those that are shorter than a day: a day ends up to a day behind
 * all that is known of it.
 */
import { WINDOW_END } from '../../../shared/job/tables.ts';
import {
  days,
  type EventTime,
  earlier,
  eventTime,
  isoTime,
  latest,
} from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext } from '../context.ts';
import type { ApiTable } from '../tables.ts';

export interface Span {
  readonly from: EventTime;
  /** Of the newest final window; where none is final, of the newest short one. */
  readonly to: EventTime;
}

/** Undefined where there is no window. */
export async function readSpan(
  context: Pick<ApiContext, 'tables' | 'rows'>,
): Promise<Span | undefined> {
  const tables = [...context.tables.values()].filter(({ headline }) => headline !== undefined);
  const ends = await Promise.all(tables.map((table) => endsIn(context, table)));
  const found = ends.filter((each) => each !== undefined);
  const final = found.flatMap(({ final: end }) => (end === undefined ? [] : [end]));
  const short = found.filter(({ isShort }) => isShort);
  const newest = (short.length > 0 ? short : found).map(({ last }) => last);
  const [to, ...others] = final.length > 0 ? final : newest;
  if (to === undefined) return undefined;
  return {
    from: eventTime(Math.min(...found.map(({ first }) => first))),
    to: others.reduce(latest, to),
  };
}

interface Ends {
  readonly first: EventTime;
  readonly last: EventTime;
  readonly final: EventTime | undefined;
  readonly isShort: boolean;
}

const DAY = days(1);

/** How many windows are looked at for a final one, where the newest is none. */
const LOOKED_AT = 3;

async function endsIn(
  { rows: reader }: Pick<ApiContext, 'rows'>,
  { name, headline: pk = '', assign }: ApiTable,
): Promise<Ends | undefined> {
  const [{ rows: oldest }, { rows: newest }] = (await Promise.all(
    (['ascending', 'descending'] as const).map((order) =>
      reader.page({ table: name, pk, order, limit: 1 }),
    ),
  )) as [{ rows: readonly Item[] }, { rows: readonly Item[] }];
  const [first, last] = [oldest[0], newest[0]];
  if (first === undefined || last === undefined) return undefined;
  const isShort = assign === undefined || assign.size < DAY;
  const ends = { first: endOf(first), last: endOf(last), isShort };
  if (last['final'] === true || assign === undefined) return { ...ends, final: ends.last };
  const to = isoTime(earlier(ends.last, assign.size));
  const { rows } = await reader.page({
    table: name,
    pk,
    to,
    order: 'descending',
    limit: LOOKED_AT,
  });
  const final = rows.find((row) => row['final'] === true);
  return { ...ends, final: final && endOf(final) };
}

const endOf = (row: Item): EventTime => eventTime(Date.parse(String(row[WINDOW_END])));
