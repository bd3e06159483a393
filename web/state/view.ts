/**
 * What one looks at, as the part of the address behind `#` has it: a link reproduces it. Behind `#`, since ids of users
 * then stay out of the logs of servers, and since no server has to know the parameters.
 */

import { TAGS, type Tag } from './tags.ts';

const KINDS = ['items', 'categories'] as const;
const BEHAVIORS = ['pv', 'cart', 'fav', 'buy'] as const;
const LISTS = ['orders', 'transactions'] as const;
const PANELS = [
  'traffic',
  'hotItems',
  'hotPages',
  'promotion',
  'adClicks',
  'funnel',
  'audience',
  'blacklist',
  'logins',
  'orders',
  'tables',
  'jobs',
] as const;

export type BoardKind = (typeof KINDS)[number];
export type Behavior = (typeof BEHAVIORS)[number];
export type PanelName = (typeof PANELS)[number];

export interface View {
  /** ISO 8601 with milliseconds; undefined is live. */
  readonly at: string | undefined;
  readonly kind: BoardKind;
  readonly behavior: Behavior;
  /** Of the board: an item or a category. */
  readonly item: string | undefined;
  readonly page: string | undefined;
  readonly channel: string | undefined;
  readonly province: string | undefined;
  /** Of the funnel. */
  readonly category: string | undefined;
  /** Whose users are listed. */
  readonly tag: Tag | undefined;
  readonly user: string | undefined;
  readonly list: (typeof LISTS)[number];
  readonly problem: string | undefined;
  /** Opened as a dialog. */
  readonly order: string | undefined;
  readonly transaction: string | undefined;
  /** The user whose page is open, as such a dialog. */
  readonly profile: string | undefined;
  /** A table that none of the panels shows, and the key that is read of it. */
  readonly table: string | undefined;
  readonly key: string | undefined;
  /** The one that has the page for itself. */
  readonly panel: PanelName | undefined;
  readonly wall: boolean;
}

export const LIVE: View = {
  at: undefined,
  kind: 'items',
  behavior: 'pv',
  item: undefined,
  page: undefined,
  channel: undefined,
  province: undefined,
  category: undefined,
  tag: undefined,
  user: undefined,
  list: 'orders',
  problem: undefined,
  order: undefined,
  transaction: undefined,
  profile: undefined,
  table: undefined,
  key: undefined,
  panel: undefined,
  wall: false,
};

export const FILTERS = [
  'item',
  'page',
  'channel',
  'province',
  'category',
  'tag',
  'user',
  'problem',
] as const;
export type FilterName = (typeof FILTERS)[number];
export const BOARD_KINDS: readonly BoardKind[] = KINDS;
export const BOARD_BEHAVIORS: readonly Behavior[] = BEHAVIORS;

const TEXTS = [
  'item',
  'page',
  'channel',
  'province',
  'category',
  'user',
  'problem',
  'order',
  'transaction',
  'profile',
  'table',
  'key',
] as const;

/** Of any text: what it does not know or cannot read, it leaves out. */
export function parseView(hash: string): View {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const [kind, behavior] = (given.get('board') ?? '').split(':');
  const texts = Object.fromEntries(TEXTS.map((name) => [name, given.get(name) || undefined]));
  return {
    ...LIVE,
    ...texts,
    at: timeOf(given.get('at')),
    kind: oneOf(KINDS, kind) ?? LIVE.kind,
    behavior: oneOf(BEHAVIORS, behavior) ?? LIVE.behavior,
    tag: oneOf(TAGS, given.get('tag')),
    list: oneOf(LISTS, given.get('list')) ?? LIVE.list,
    panel: oneOf(PANELS, given.get('panel')),
    wall: given.get('wall') === '1',
  };
}

/** Without what is as at first; empty for that. */
export function hashOf(view: View): string {
  const board = boardOf(view);
  const given: [string, string | undefined][] = [
    ['panel', view.panel],
    ['at', view.at],
    ['board', board === boardOf(LIVE) ? undefined : board],
    ['tag', view.tag],
    ['list', view.list === LIVE.list ? undefined : view.list],
    ...TEXTS.map((name): [string, string | undefined] => [name, view[name]]),
    ['wall', view.wall ? '1' : undefined],
  ];
  const set = given.filter((pair): pair is [string, string] => pair[1] !== undefined);
  // Colons and slashes may stand in a fragment; people read them better as they are.
  return new URLSearchParams(set).toString().replaceAll('%3A', ':').replaceAll('%2F', '/');
}

export const boardOf = ({ kind, behavior }: Pick<View, 'kind' | 'behavior'>): string =>
  `${kind}:${behavior}`;

/** Choosing what is chosen already takes it back. */
export function toggled(view: View, name: FilterName, value: string): Partial<View> {
  return { [name]: view[name] === value ? undefined : value };
}

const oneOf = <T extends string>(known: readonly T[], text: string | null | undefined) =>
  known.find((each) => each === text);

function timeOf(text: string | null): string | undefined {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
