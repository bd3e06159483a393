/** Keeps the names of blocks that `closing` holds few: the oldest of a level are packed into a block. */
import { type Child, innerOf } from './blockTree.ts';

/** Names in `closing`, of all levels together. */
const ROOTS_MAX = 96;
const ROOTS_PACKED = 32;

/** The roots of every level, where some of them are packed as long as all together are too many. */
export function packRoots(levels: readonly (readonly Child[])[]): readonly (readonly Child[])[] {
  const roots = [...levels];
  while (roots.reduce((sum, { length }) => sum + length, 0) > ROOTS_MAX) {
    const longest = roots.reduce((a, b) => (b.length > a.length ? b : a));
    const fewer = packed(longest, ROOTS_PACKED);
    if (fewer.length === longest.length) break;
    roots[roots.indexOf(longest)] = fewer;
  }
  return roots;
}

/**
 * The roots with a block in the place of some: of the longest run of neighbours of one depth, the first `size`, which are the
 * oldest of that depth.
 */
export function packed(roots: readonly Child[], size: number): readonly Child[] {
  let longest = { from: 0, length: 0 };
  let from = 0;
  for (let at = 0; at <= roots.length; at += 1) {
    if (at < roots.length && roots[at]?.depth === roots[from]?.depth) continue;
    if (at - from > longest.length) longest = { from, length: at - from };
    from = at;
  }
  const length = Math.min(size, longest.length);
  if (length < 2) return roots;
  const some = roots.slice(longest.from, longest.from + length);
  const inner = innerOf((some[0] as Child).depth + 1, some);
  return [...roots.slice(0, longest.from), inner, ...roots.slice(longest.from + length)];
}
