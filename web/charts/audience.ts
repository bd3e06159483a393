/** How many users have each tag, of the rows of three tags: everybody has just one of them, and a row tells all tags of its users. */
import { KINDS_OF_VISITOR, TAGS, type Tag } from '../state/tags.ts';
import { rowBefore } from './marks.ts';

/** Of the table `user-tags`, as far as it is shown. */
export interface TagRow {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly revision: number;
  readonly final: boolean;
  readonly tagSets: Readonly<Record<string, number>>;
}

export interface TagPage {
  readonly rows: readonly TagRow[];
}

export type KindPages = Readonly<Record<(typeof KINDS_OF_VISITOR)[number], TagPage>>;

interface Tagged {
  readonly users: number;
  /** Of all users of the day. */
  readonly share: number;
}

/** A day's. */
export interface Audience extends Omit<TagRow, 'tagSets'> {
  readonly users: number;
  readonly tags: Readonly<Record<Tag, Tagged>>;
}

/** Of the days that all three have, the newest first: while a day is being written, it is not there yet. */
export function audiencesOf(pages: KindPages): Audience[] {
  const kinds = KINDS_OF_VISITOR.map((kind) => pages[kind].rows);
  const [first = [], ...others] = kinds;
  return first.flatMap(({ windowEnd }) => {
    const row = (rows: readonly TagRow[]) => rows.find((each) => each.windowEnd === windowEnd);
    const found = [first, ...others].map(row).filter((each) => each !== undefined);
    return found.length === kinds.length ? [audienceOf(found)] : [];
  });
}

/** The day before, where the table has it. */
export const dayBefore = (days: readonly Audience[]): Audience | undefined => rowBefore(days);

function audienceOf(rows: readonly TagRow[]): Audience {
  const sets = rows.flatMap(({ tagSets }) => Object.entries(tagSets));
  const users = sum(sets.map(([, count]) => count));
  const tagged = (tag: Tag): Tagged => {
    const own = sum(sets.filter(([set]) => set.split('+').includes(tag)).map(([, n]) => n));
    return { users: own, share: users === 0 ? 0 : own / users };
  };
  const { windowStart = '', windowEnd = '' } = rows[0] ?? {};
  return {
    ...{ windowStart, windowEnd, users },
    revision: Math.max(...rows.map(({ revision }) => revision)),
    final: rows.every((row) => row.final),
    tags: Object.fromEntries(TAGS.map((tag) => [tag, tagged(tag)])) as Audience['tags'],
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);
