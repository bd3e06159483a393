/**
 * The nodes of one level in the order of time. Nodes that changed lately are at hand; all others are in *blocks*, which are
 * stored apart and never change.
 *
 * Owns: which block a node is in, and how blocks are cut and written anew. Does not own: reading and storing them: a block
 * is supplied, and whoever asks passes a set (`unread`) that gets to hold the blocks that were not (see `answer.ts`).
 *
 * 1. A block leads to neighbouring nodes, however far apart they lie in time. So what is named follows from the number
 *    of nodes that exist, and gaps cost nothing.
 * 2. Names of blocks are packed into blocks of their own when they become many. So what has to be kept at hand is
 *    bounded, whatever is stored, and a node is found in as many steps as the tree is deep.
 * 3. Changing a node makes new blocks on the way to it, and leaves all others as they are.
 */
import { latest } from '../../model/time.ts';
import type { Slice } from '../../model/window.ts';
import { firstAtLeast, NodeMap } from './nodeMap.ts';
import type { BlockRef, Moment, PageEntry, PageNode } from './pageEntry.ts';

/** What is stored under a name. One in memory serves many runs. */
export type BlockContent =
  | { readonly kind: 'nodes'; readonly nodes: readonly PageNode[] }
  | { readonly kind: 'refs'; readonly refs: readonly BlockRef[] };

/** A block that is to be stored, after those below it. */
export interface NewBlock {
  readonly depth: number;
  readonly first: Slice;
  readonly last: Slice;
  readonly content:
    | Extract<BlockContent, { kind: 'nodes' }>
    | { readonly kind: 'children'; readonly children: readonly Child[] };
}

/** A block as it stands, or one in its place. */
export type Child = BlockRef | NewBlock;

/** Which blocks are to be stored anew although nothing in them changed. */
export type IsAging = (ref: BlockRef) => boolean;

/** Nodes of a block. More make fewer blocks to name, and larger ones to read and to write again. */
const BLOCK_NODES = 256;
/** Of nodes with many entries a block takes fewer. */
const BLOCK_ENTRIES = 1_024;
/** Names in a block of names. */
const BLOCK_REFS = 64;

const NOTHING: readonly PageEntry[] = [];

interface Asked {
  readonly from: Moment;
  readonly to: Moment;
  readonly unread: Set<BlockRef>;
  readonly atUnread: 'goOn' | 'stop';
}

interface Rewriting {
  readonly isAging: IsAging;
  readonly unread: Set<BlockRef>;
}

export class BlockTree {
  #roots: readonly BlockRef[] = [];
  #changed = new NodeMap();
  readonly #supplied = new Map<BlockRef, BlockContent>();
  #isGone: (start: Slice) => boolean = () => false;

  /** Names the blocks that are stored, in the order of time; their contents have still to be supplied. */
  name(roots: readonly BlockRef[]): void {
    this.#roots = roots;
  }

  supply(ref: BlockRef, content: BlockContent): void {
    this.#supplied.set(ref, content);
  }

  /** Forgets nodes that are gone, which are the oldest. A block of no other nodes is forgotten unread. */
  expire(isGone: (start: Slice) => boolean): void {
    this.#isGone = isGone;
    this.#roots = this.#roots.filter(({ last }) => !isGone(last));
    const changed = this.#changed.all();
    const left = changed.filter(({ start }) => !isGone(start));
    if (left.length < changed.length) this.#changed = nodeMapOf(left);
  }

  entriesAt(start: Slice, unread: Set<BlockRef>): readonly PageEntry[] {
    return this.#changed.get(start) ?? this.#storedEntries(this.roots, start, unread);
  }

  put(start: Slice, entries: readonly PageEntry[]): void {
    this.#changed.set(start, entries);
  }

  /** Nodes that start in `[from, to)`, ascending. With 'stop' no more is asked for than the first block that is unread. */
  *nodes(
    from: Moment,
    to: Moment,
    unread: Set<BlockRef>,
    atUnread: 'goOn' | 'stop' = 'goOn',
  ): Generator<PageNode> {
    const stored = this.#stored(this.roots, { from, to, unread, atUnread });
    for (const node of overlaid(this.#changed.between(from, to), stored)) {
      if (!this.#isGone(node.start)) yield node;
    }
  }

  /** The start of the last node. */
  last(unread: Set<BlockRef>): Slice | undefined {
    const changed = this.#changed.last;
    const stored = this.#lastStored(this.roots, unread);
    if (changed === undefined || stored === undefined) return changed ?? stored;
    return latest(stored, changed);
  }

  /** Nodes that changed since their block was stored. */
  get changes(): readonly PageNode[] {
    return this.#changed.all();
  }

  /** Blocks as they are stored. */
  get roots(): readonly BlockRef[] {
    return this.#roots;
  }

  /**
   * The roots after every change, with new blocks in the place of those that are outdated or aging. Undefined where all
   * stays as it is.
   * @param isMuch whether the changes alone are worth storing.
   */
  rewritten(
    isMuch: boolean,
    isAging: IsAging,
    unread: Set<BlockRef>,
  ): readonly Child[] | undefined {
    const changes = this.#changed.all();
    const isDue = (isMuch && changes.length > 0) || this.roots.some(isAging);
    return isDue ? this.#rewrite(this.roots, changes, { isAging, unread }) : undefined;
  }

  /** What was rewritten is stored under these names. */
  stored(roots: readonly BlockRef[]): void {
    this.#roots = roots;
    this.#changed = new NodeMap();
  }

  #contentOf(ref: BlockRef, unread: Set<BlockRef>): BlockContent | undefined {
    const content = this.#supplied.get(ref);
    if (!content) unread.add(ref);
    return content;
  }

  #storedEntries(
    refs: readonly BlockRef[],
    start: Slice,
    unread: Set<BlockRef>,
  ): readonly PageEntry[] {
    const ref = refs[indexFor(refs, start)];
    if (!ref || start < ref.first || start > ref.last) return NOTHING;
    const content = this.#contentOf(ref, unread);
    if (!content) return NOTHING;
    if (content.kind === 'refs') return this.#storedEntries(content.refs, start, unread);
    const node = content.nodes[firstAtLeast(content.nodes, start, startOf)];
    return node?.start === start ? node.entries : NOTHING;
  }

  /** Says whether it came to the end. */
  *#stored(refs: readonly BlockRef[], asked: Asked): Generator<PageNode, boolean> {
    const { from, to, unread, atUnread } = asked;
    for (let i = firstAtLeast(refs, from, lastOf); i < refs.length; i += 1) {
      const ref = refs[i] as BlockRef;
      if (ref.first >= to) break;
      const content = this.#contentOf(ref, unread);
      if (!content && atUnread === 'stop') return false;
      if (content?.kind === 'nodes') yield* between(content.nodes, from, to);
      if (content?.kind !== 'refs') continue;
      if (!(yield* this.#stored(content.refs, asked))) return false;
    }
    return true;
  }

  #lastStored(refs: readonly BlockRef[], unread: Set<BlockRef>): Slice | undefined {
    const ref = refs.at(-1);
    const content = ref && this.#contentOf(ref, unread);
    if (!content) return undefined;
    return content.kind === 'refs'
      ? this.#lastStored(content.refs, unread)
      : content.nodes.at(-1)?.start;
  }

  #rewrite(refs: readonly BlockRef[], changes: readonly PageNode[], how: Rewriting): Child[] {
    const { isAging, unread } = how;
    if (refs.length === 0) return leavesOf(changes, 'inOrder');
    const byRef = Map.groupBy(changes, ({ start }) => Math.max(0, indexFor(refs, start)));
    return refs.flatMap((ref, i): readonly Child[] => {
      const own = byRef.get(i) ?? [];
      if (own.length === 0 && !isAging(ref)) return [ref];
      const content = this.#contentOf(ref, unread);
      if (!content) return [];
      if (content.kind === 'refs') {
        return innersOf(ref.depth, this.#rewrite(content.refs, own, how));
      }
      const all = overlaid(own.values(), content.nodes);
      const nodes = [...all].filter(({ start }) => !this.#isGone(start));
      return leavesOf(nodes, isAllBefore(content.nodes, own) ? 'inOrder' : 'anywhere');
    });
  }
}

const startOf = ({ start }: PageNode): Slice => start;
const firstOf = ({ first }: Child): Slice => first;
const lastOf = ({ last }: Child): Slice => last;

/** The index of the last block that begins at or before this start; -1 where none does. */
function indexFor(refs: readonly BlockRef[], start: Slice): number {
  const at = firstAtLeast(refs, start, firstOf);
  return refs[at]?.first === start ? at : at - 1;
}

/** All nodes of both, in order; of two with the same start the changed one. */
function* overlaid(
  changed: Iterator<PageNode, unknown>,
  stored: Iterable<PageNode>,
): Generator<PageNode> {
  let next = changed.next();
  for (const node of stored) {
    for (; !next.done && next.value.start < node.start; next = changed.next()) yield next.value;
    if (next.done || next.value.start !== node.start) yield node;
  }
  for (; !next.done; next = changed.next()) yield next.value;
}

function* between(nodes: readonly PageNode[], from: Moment, to: Moment): Generator<PageNode> {
  for (let at = firstAtLeast(nodes, from, startOf); at < nodes.length; at += 1) {
    const node = nodes[at] as PageNode;
    if (node.start >= to) return;
    yield node;
  }
}

/** Whether all of these come after the stored ones. Both are in order. */
function isAllBefore(stored: readonly PageNode[], changed: readonly PageNode[]): boolean {
  const [last, first] = [stored.at(-1), changed[0]];
  return !last || !first || first.start > last.start;
}

function nodeMapOf(nodes: readonly PageNode[]): NodeMap {
  const map = new NodeMap();
  for (const { start, entries } of nodes) map.set(start, entries);
  return map;
}

/**
 * Nodes as blocks. Where nodes come in order, blocks are filled, since nothing will come in between; where they come
 * anywhere, blocks are cut evenly, so that each has room.
 */
function leavesOf(nodes: readonly PageNode[], growth: 'inOrder' | 'anywhere'): NewBlock[] {
  const count = Math.ceil(nodes.length / BLOCK_NODES);
  const size = growth === 'inOrder' ? BLOCK_NODES : Math.ceil(nodes.length / Math.max(1, count));
  const leaves: NewBlock[] = [];
  for (let at = 0; at < nodes.length; ) {
    let held = 0;
    const from = at;
    while (at < nodes.length && at - from < size && (at === from || held < BLOCK_ENTRIES)) {
      held += nodes[at]?.entries.length ?? 0;
      at += 1;
    }
    const some = nodes.slice(from, at);
    const [first, last] = [some[0] as PageNode, some.at(-1) as PageNode];
    leaves.push({
      depth: 0,
      first: first.start,
      last: last.start,
      content: { kind: 'nodes', nodes: some },
    });
  }
  return leaves;
}

/** Names as blocks of that depth, evenly filled. */
function innersOf(depth: number, children: readonly Child[]): NewBlock[] {
  const count = Math.ceil(children.length / BLOCK_REFS);
  const size = Math.ceil(children.length / Math.max(1, count));
  return Array.from({ length: count }, (_, i) =>
    innerOf(depth, children.slice(i * size, (i + 1) * size)),
  );
}

/** Names in one block. */
export function innerOf(depth: number, children: readonly Child[]): NewBlock {
  const [first, last] = [children[0] as Child, children.at(-1) as Child];
  return {
    depth,
    first: first.first,
    last: last.last,
    content: { kind: 'children', children },
  };
}
