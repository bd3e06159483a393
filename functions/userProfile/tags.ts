/** How many users have each tag, of a day's profiles. */
import type { Profile } from './profile.ts';
import { TAGS, type Tag } from './tagNames.ts';

export interface TagCounts {
  users: number;
  /** By all tags that a user has, joined: how many users have just these. */
  readonly bySet: Record<string, number>;
}

interface TagRow {
  readonly tag: Tag;
  readonly users: number;
  /** Of the day's users. */
  readonly share: number;
  /** Of those who have the tag: how many have which tags in all. */
  readonly tagSets: Readonly<Record<string, number>>;
}

export function countTags(counts: TagCounts, { tags }: Pick<Profile, 'tags'>): void {
  const set = tags.join('+');
  counts.users += 1;
  counts.bySet[set] = (counts.bySet[set] ?? 0) + 1;
}

/** A row for every tag, also one that nobody has, so that none is there for a while only. */
export function tagRows({ users, bySet }: TagCounts): TagRow[] {
  const sets = Object.entries(bySet).sort(([a], [b]) => (a < b ? -1 : 1));
  return TAGS.map((tag) => {
    const having = sets.filter(([set]) => set.split('+').includes(tag));
    const own = having.reduce((sum, [, count]) => sum + count, 0);
    return {
      tag,
      users: own,
      share: Math.round((own * 10_000) / users) / 10_000,
      tagSets: Object.fromEntries(having),
    };
  });
}
