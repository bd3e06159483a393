/**
 * How the page index answers. Most of it is stored apart, in blocks, and it reads none of them by itself: so it gives an
 * answer, or names the blocks that it lacks. Whoever asked supplies those and asks again.
 */
import { InvariantViolation } from '../../errors.ts';
import type { BlockRef } from './pageEntry.ts';

export type Answer<T> = Known<T> | Unread;

interface Known<T> {
  readonly kind: 'known';
  readonly value: T;
}

export interface Unread {
  readonly kind: 'unread';
  /** All that the question came upon, so that they are read together; one at least. */
  readonly refs: readonly BlockRef[];
}

export const known = <T>(value: T): Known<T> => ({ kind: 'known', value });

/**
 * Asks a question that adds every block that it lacks to `unread` and goes on without it. What it then says is made of
 * a part, and nobody gets to see it.
 */
export function answered<T>(question: (unread: Set<BlockRef>) => T): Answer<T> {
  const unread = new Set<BlockRef>();
  const value = question(unread);
  return unread.size === 0 ? known(value) : { kind: 'unread', refs: [...unread] };
}

/** Names what two questions lack, one of which may be answered. */
export const unreadOfBoth = (a: Unread, b: Answer<unknown>): Unread =>
  b.kind === 'known' ? a : { kind: 'unread', refs: [...new Set([...a.refs, ...b.refs])] };

/** The answer, where its blocks have been read before. Throws InvariantViolation where one was not. */
export function knownValue<T>(answer: Answer<T>): T {
  if (answer.kind === 'known') return answer.value;
  const names = answer.refs.map(({ level, fence, n }) => `${fence}#${n} of level ${level}`);
  throw new InvariantViolation(`blocks were not read before they were needed: ${names.join(', ')}`);
}
