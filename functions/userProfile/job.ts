/** What kind of visitor each user is: a profile with tags per user and day, and how many users have each tag. */
import {
  days,
  duration,
  eventTime,
  hourIn,
  job,
  minutes,
  parameterized,
  type TallyGroup,
  tally,
  timeZone,
  tumbling,
  wholeNumber,
} from '../../shared/index.ts';
import { type UserBehavior, userBehavior } from './events.ts';
import { type Fact, type Profile, profileOf } from './profile.ts';
import { countTags, type TagCounts, tagRows } from './tags.ts';

export const userProfile = parameterized(
  {
    top: wholeNumber(5, { min: 1, max: 50 }, 'how many categories a profile lists'),
    zone: timeZone('Asia/Shanghai', 'where a day begins and ends, and what its hours are'),
    size: duration('1d', 'length of a window: whole days'),
    lateness: duration('0s', 'how long a closed day still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
  },
  ({ top, zone, size, lateness, outOfOrderness }) => {
    const hourOf = hourIn(zone);
    return job({
      name: 'user-profile',
      version: 1,
      source: userBehavior,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).window({
      assign: tumbling(size % days(1) === 0 ? { size, zone } : { size }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: tally(
        ({ userId }: UserBehavior) => userId,
        {
          item: ({ itemId }: UserBehavior) => itemId,
          category: ({ categoryId }: UserBehavior) => categoryId,
          behavior: ({ behavior }: UserBehavior) => behavior,
          hour: ({ timestamp }: UserBehavior) => hourOf(eventTime(timestamp)),
        },
        ({ timestamp }: UserBehavior) => timestamp,
      ),
      table: {
        name: 'user-profile',
        partitionKey: 'userId',
        groupedBy: 'tags',
        personal: ['userId'],
      },
      result: (users) => profiles(users, top),
      rowsFollowGroups: true,
      summary: {
        table: { name: 'user-tags', partitionKey: 'tag' },
        init: (): TagCounts => ({ users: 0, bySet: {} }),
        add: countTags,
        result: tagRows,
        headline: { of: 'buyer', show: ({ users, share }) => ({ users, share }) },
      },
    });
  },
);

function* profiles(users: Iterable<TallyGroup<Fact>>, top: number): Generator<Profile> {
  for (const user of users) yield profileOf(user, top);
}
