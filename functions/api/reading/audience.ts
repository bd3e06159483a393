/**
 * Who has a tag on a day. How many is what the day's row of the tag says. Who they are is read from the index `groups`, which lists
 * the users of a day by all the tags that they have: the row names those lists, and one after the other is read.
 *
 * 1. A page is so many reads at most, however many lists there are, and however many users on them.
 * 2. A cursor names its day, its list, and the user that it goes on behind. So all pages are of one day, also where another one ends meanwhile.
 * 3. Lists go by their names. Where a correction has taken one away, its cursor goes on with the next.
 */
import * as z from 'zod';
import { groupList, isListedTime } from '../../../shared/job/lists.ts';
import { WINDOW_END } from '../../../shared/job/tables.ts';
import { compareCodePoints } from '../../../shared/model/ids.ts';
import { eventTime, isoTime } from '../../../shared/model/time.ts';
import { type WindowAssigner, windowEndingAt } from '../../../shared/model/window.ts';
import { INDEXES } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext } from '../context.ts';
import type { AudienceQuery } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import type { ApiTable } from '../tables.ts';
import { dayEnd } from './days.ts';
import { BYTES_MAX, rowsUpTo } from './rowsUpTo.ts';

/** A row of `user-tags`. */
export interface TagRow {
  readonly tag: string;
  readonly windowEnd: string;
  readonly final: boolean;
  readonly users: number;
  readonly share: number;
  readonly tagSets: Readonly<Record<string, number>>;
}

export interface Audience {
  readonly row: TagRow;
  /** The day before. */
  readonly previous: TagRow | undefined;
  /** Rows of the index: keys, and nothing else. */
  readonly members: readonly Item[];
  readonly next?: string;
}

export interface AudienceTables {
  readonly tags: ApiTable & { readonly assign: WindowAssigner };
  readonly profiles: ApiTable;
}

/** Of an index's sort key. */
const MEMBER_BYTES_MAX = 1_024;

const place = z.strictObject({
  windowEnd: z.string().refine(isListedTime),
  set: z.string(),
  behind: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= MEMBER_BYTES_MAX)
    .optional(),
});
type Place = z.infer<typeof place>;

/** Undefined where there is no such day. @throws HttpProblem 400 for a cursor of another list */
export async function readAudience(
  context: ApiContext,
  tables: AudienceTables,
  query: AudienceQuery,
): Promise<Audience | undefined> {
  const { tag, day, cursor } = query;
  const from = cursor === undefined ? undefined : context.cursors.read(place, cursor);
  const asked = day === undefined ? undefined : dayEnd(day, tables.tags.assign);
  if (from !== undefined && !isOf(from, tag, asked)) throw wrongPlace();
  const end = from?.windowEnd ?? asked ?? (await newestEnd(context, tables.tags, tag));
  if (end === undefined) return undefined;
  const [row, previous] = await tagRows(context, tables.tags, tag, end);
  if (row === undefined) return undefined;
  const list = await membersOf(context, tables.profiles, row, { from, limit: query.limit });
  return { row, previous, ...list };
}

const isOf = ({ windowEnd, set }: Place, tag: string, asked: string | undefined): boolean =>
  (asked === undefined || asked === windowEnd) && set.split('+').includes(tag);

const wrongPlace = (): HttpProblem =>
  new HttpProblem(
    400,
    'cursor is none of this list; give the `next` of an answer to the same question, or leave it away',
    'cursor',
  );

async function newestEnd(
  context: ApiContext,
  table: ApiTable,
  tag: string,
): Promise<string | undefined> {
  const { rows } = await rowsUpTo(context, table, { pk: tag, order: 'descending', limit: 1 });
  const [newest] = rows;
  return newest && String(newest[WINDOW_END]);
}

/** The row of the day that ends then, and that of the day before. */
async function tagRows(
  { rows: reader }: Pick<ApiContext, 'rows'>,
  { name, assign }: AudienceTables['tags'],
  tag: string,
  end: string,
): Promise<readonly (TagRow | undefined)[]> {
  const { start } = windowEndingAt(eventTime(Date.parse(end)), assign);
  const ends = [end, isoTime(start)];
  const found = await reader.batchGet(
    name,
    ends.map((sk) => ({ pk: tag, sk })),
  );
  return ends.map((each) => found.find((row) => row[WINDOW_END] === each) as TagRow | undefined);
}

/** More than most tags have. A page that ends at it goes on behind its cursor. */
const LISTS_MAX = 32;

interface MembersRequest {
  readonly from: Place | undefined;
  readonly limit: number;
}

async function membersOf(
  context: ApiContext,
  table: ApiTable,
  { windowEnd, tagSets }: TagRow,
  { from, limit }: MembersRequest,
): Promise<Pick<Audience, 'members' | 'next'>> {
  const { cursors } = context;
  const sets = setNames(tagSets).filter((set) => compareCodePoints(set, from?.set ?? '') >= 0);
  const members: Item[] = [];
  let bytes = 0;
  for (const [n, set] of sets.entries()) {
    if (n === LISTS_MAX || members.length === limit || bytes >= BYTES_MAX) {
      return { members, next: cursors.write({ windowEnd, set } satisfies Place) };
    }
    const pk = groupList(windowEnd, set);
    const behind = set === from?.set ? from.behind : undefined;
    const page = await rowsUpTo(context, table, {
      index: 'groups',
      pk,
      order: 'ascending',
      limit: limit - members.length,
      bytesMax: BYTES_MAX - bytes,
      ...(behind === undefined ? {} : { after: keyIn(table, { windowEnd, pk, member: behind }) }),
    });
    members.push(...page.rows);
    bytes += page.bytes;
    const last = String(members.at(-1)?.[table.partitionKey]);
    if (page.isMore) return { members, next: cursors.write({ windowEnd, set, behind: last }) };
  }
  return { members };
}

/** In the order in which their lists are read: a stored map has none. */
export const setNames = (tagSets: TagRow['tagSets']): string[] =>
  Object.keys(tagSets).sort(compareCodePoints);

/** Where a user stands on a list. */
const keyIn = (
  { partitionKey }: ApiTable,
  { windowEnd, pk, member }: { windowEnd: string; pk: string; member: string },
): Item => ({
  [partitionKey]: member,
  [WINDOW_END]: windowEnd,
  [INDEXES.groups.partitionKey]: pk,
  [INDEXES.groups.sortKey]: member,
});
