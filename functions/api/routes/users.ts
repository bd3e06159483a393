/** Users: all there is of one, and who has a tag. */
import * as z from 'zod';
import { type ApiContext, NO_ROWS, type RowList } from '../context.ts';
import { audienceAnswer, userAnswer } from '../contract/answers.ts';
import { audienceQuery, idParam, nothing, userQuery } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import { type AudienceTables, readAudience, setNames, type TagRow } from '../reading/audience.ts';
import { dateOf } from '../reading/days.ts';
import { type DailyProfile, profileOver } from '../reading/profile.ts';
import { BYTES_MAX, rowsUpTo } from '../reading/rowsUpTo.ts';
import { keyOf, route, shown, tableNamed } from './route.ts';

const FACTS_MAX = 100;
/** Three such lists stand in one answer. */
const LIST_BYTES_MAX = BYTES_MAX / 3;

const PROFILES = 'user-profile';
const TAGS = 'user-tags';

/** The newest rows of a user, as the table holds them. */
async function newestOf(
  context: ApiContext,
  name: string,
  { id, limit }: { readonly id: string; readonly limit: number },
): Promise<RowList> {
  const table = context.tables.get(name);
  const pk = table && keyOf(context, table, id);
  if (table === undefined || pk === undefined) return NO_ROWS;
  const bounds = { limit, bytesMax: LIST_BYTES_MAX };
  const { rows } = await rowsUpTo(context, table, { pk, order: 'descending', ...bounds });
  return { rows };
}

function shownOf(context: ApiContext, name: string, list: RowList): RowList {
  const table = context.tables.get(name);
  return table === undefined ? list : shown(context, table, list);
}

/** @throws HttpProblem 404 */
function audienceTables(context: ApiContext): AudienceTables {
  const { assign, ...tags } = tableNamed(context, TAGS);
  if (assign === undefined) throw new HttpProblem(404, `${TAGS} has no days`);
  return { tags: { ...tags, assign }, profiles: tableNamed(context, PROFILES) };
}

const told = ({ windowEnd, users, share }: TagRow, { tags }: AudienceTables) => ({
  day: dateOf(windowEnd, tags.assign),
  users,
  share,
});

export const userRoutes = [
  route({
    path: '/v1/users/{id}',
    summary: 'What a user did on the newest days, and their login alerts and blocks',
    params: z.strictObject({ id: idParam }),
    query: userQuery,
    answer: userAnswer,
    async read(context, { params: { id }, query: { days } }) {
      const facts = { id, limit: FACTS_MAX };
      const [daily, alerts, blocks] = await Promise.all([
        newestOf(context, PROFILES, { id, limit: days }),
        newestOf(context, 'login-alerts', facts),
        newestOf(context, 'ad-blacklist', facts),
      ]);
      return {
        userId: id,
        profile: profileOver(daily.rows as unknown as readonly DailyProfile[]),
        daily: shownOf(context, PROFILES, daily),
        alerts: shownOf(context, 'login-alerts', alerts),
        blocks: shownOf(context, 'ad-blacklist', blocks),
      };
    },
  }),
  route({
    path: '/v1/audience',
    summary: 'How many users have a tag on a day, and who they are',
    params: nothing,
    query: audienceQuery,
    answer: audienceAnswer,
    may404: true,
    async read(context, { query }) {
      const tables = audienceTables(context);
      const audience = await readAudience(context, tables, query);
      if (audience === undefined) throw noDay(query.day);
      const { row, previous, members, next } = audience;
      const { windowEnd, final, tagSets } = row;
      const list = shown(context, tables.profiles, { rows: members });
      return {
        tag: query.tag,
        ...told(row, tables),
        windowEnd,
        final,
        tagSets: Object.fromEntries(setNames(tagSets).map((set) => [set, tagSets[set]])),
        previous: previous === undefined ? null : told(previous, tables),
        members: {
          userIds: list.rows.map(({ userId }) => userId),
          ...(next === undefined ? {} : { next }),
        },
      };
    },
  }),
];

const noDay = (day: string | undefined): HttpProblem =>
  day === undefined
    ? new HttpProblem(404, 'there is no day with users yet', 'day')
    : new HttpProblem(404, `there are no users of ${day}; leave it away for the newest day`, 'day');
