/** What a painting is made of: everything that a panel sees, and everything that it can do. */
import type {
  AdClicksPage,
  AudienceAnswer,
  BlockPage,
  FunnelPage,
  JobsAnswer,
  LoginAlertPage,
  OrderAnswer,
  OrderPage,
  Overview,
  PromotionPage,
  RankingPage,
  TablesAnswer,
  TrafficPage,
  TransactionAnswer,
  TransactionPage,
  UserAnswer,
} from '../functions/api/contract/answers.ts';
import type { TagPage } from './charts/audience.ts';
import type { Answer } from './live/feed.ts';
import type { Preferences } from './state/preferences.ts';
import type { Further, Slot } from './state/requests.ts';
import type { Tag } from './state/tags.ts';
import type { View } from './state/view.ts';
import type { Formats } from './words/formats.ts';
import type { Words } from './words/words.ts';

export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly next?: string | undefined;
}

export interface SlotData {
  readonly overview: Overview;
  readonly jobs: JobsAnswer;
  readonly tables: TablesAnswer;
  readonly hotItems: RankingPage;
  readonly hotPages: RankingPage;
  readonly traffic: TrafficPage;
  readonly channel: PromotionPage;
  readonly province: AdClicksPage;
  readonly funnel: FunnelPage;
  readonly category: FunnelPage;
  readonly visitor: TagPage;
  readonly hesitant: TagPage;
  readonly buyer: TagPage;
  readonly [members: `members-${number}`]: AudienceAnswer;
  readonly user: UserAnswer;
  readonly logins: LoginAlertPage;
  readonly blacklist: BlockPage;
  readonly orders: OrderPage;
  readonly transactions: TransactionPage;
  readonly order: OrderAnswer;
  readonly transaction: TransactionAnswer;
  readonly profile: UserAnswer;
  readonly table: Rows;
}

/** What is on the screen only, and in no link. */
export interface Passing {
  readonly isPlaying: boolean;
  /** What copying a link came to, for a moment. */
  readonly copied: 'yes' | 'no' | undefined;
  /** The window that is pointed at, by chart. */
  readonly pointed: ReadonlyMap<string, number>;
  /** In pixels, by chart. */
  readonly widths: ReadonlyMap<string, number>;
  /** Pages of users after the first, each of the tag and the day that it belongs to. */
  readonly further: readonly (Further & { readonly tag: Tag })[];
  readonly isTokenRefused: boolean;
  readonly isLocked: boolean;
  /** Told to screen readers. */
  readonly said: string;
}

export interface Actions {
  go(change: Partial<View>): void;
  /** As `go`, in the place of what is in the browser's history: for a slider that is being moved. */
  slide(change: Partial<View>): void;
  prefer(change: Partial<Preferences>): void;
  play(): void;
  pause(): void;
  retry(): void;
  unlock(token: string): void;
  copyLink(): void;
  copyText(text: string): void;
  toggleWall(): void;
  point(chart: string, index: number | undefined): void;
  /** As it is now, which may be ahead of what was painted last. */
  pointedAt(chart: string): number | undefined;
  measure(chart: string, width: number): void;
  /** Another page of the users of a tag. */
  more(page: Passing['further'][number]): void;
}

export interface Scene {
  readonly view: View;
  readonly preferences: Preferences;
  readonly words: Words;
  readonly formats: Formats;
  readonly answers: ReadonlyMap<string, Answer>;
  readonly passing: Passing;
  /** By the clock: for ages of answers, never for what "now" is of the data. */
  readonly clock: number;
  readonly act: Actions;
}

/** What a panel shows, and how it stands with the server. */
export interface Source<T> {
  readonly data: T | undefined;
  readonly answer: Answer | undefined;
}

export function sourceOf<S extends Slot>({ answers }: Scene, slot: S): Source<SlotData[S]> {
  const answer = answers.get(slot);
  return { data: answer?.data as SlotData[S] | undefined, answer };
}

/** Of a slot of its own, where the view asks for one, and otherwise of the overview. */
export function sourceOr<S extends Slot>(
  scene: Scene,
  slot: S,
  part: (overview: Overview) => SlotData[S],
): Source<SlotData[S]> {
  if (scene.answers.has(slot)) {
    const own = sourceOf(scene, slot);
    if (own.data !== undefined || own.answer?.failure !== undefined) return own;
    // What the overview had stays until the first answer has come.
    const { data } = sourceOf(scene, 'overview');
    return { data: data && part(data), answer: own.answer };
  }
  const { data, answer } = sourceOf(scene, 'overview');
  return { data: data && part(data), answer };
}

/** The newest row there is, whatever the clock says. */
export const nowOf = (scene: Scene): string | undefined =>
  sourceOf(scene, 'overview').data?.now ?? undefined;
