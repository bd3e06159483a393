/** The tags of users, in the order in which a screen tells them: what they do, what they look for, when they come, how much. */
import type { AudienceAnswer } from '../../functions/api/contract/answers.ts';

export type Tag = AudienceAnswer['tag'];

export const TAG_GROUPS = {
  acts: ['visitor', 'hesitant', 'buyer', 'decisive'],
  looks: ['focused', 'explorer'],
  comes: ['nightOwl', 'morning', 'daytime', 'evening'],
  much: ['heavy'],
} as const satisfies Readonly<Record<string, readonly Tag[]>>;

export type TagGroup = keyof typeof TAG_GROUPS;

export const TAGS: readonly Tag[] = Object.values(TAG_GROUPS).flat();

/** Everybody has just one of these, so that the sets of tags with one of them are all there are. */
export const KINDS_OF_VISITOR = ['visitor', 'hesitant', 'buyer'] as const satisfies readonly Tag[];
