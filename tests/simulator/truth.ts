/** What the simulator knows about a record because it made it: the oracle never decodes anything. */

export interface Behavior {
  readonly userId: string;
  readonly itemId: string;
  readonly categoryId: string;
  readonly behavior: string;
  readonly timestamp: number;
}

/** An entry of a record: its index there and its bytes. */
interface Place {
  readonly index: number;
  readonly raw: Uint8Array;
}

export type Content =
  /** JSON of an event; a job may still refuse it (see `Analysis`). */
  | { readonly kind: 'event'; readonly event: Behavior }
  /** Never an event, whatever the job. */
  | { readonly kind: 'garbage' };

/** Where a dead letter first stood, as its redriven copy says. */
interface Origin {
  readonly job: string;
  readonly lane: string;
  readonly position: string;
  /** Minus infinity where the lane had none. */
  readonly watermark: number;
}

export type Fact = Place &
  (Content | { readonly kind: 'redriven'; readonly origin: Origin; readonly content: Content });

/** An event that the deployed job cannot parse, until it is mended. */
export const UNKNOWN_BEHAVIOR = 'wish';
/** What the mended job takes it for. */
export const MENDED_BEHAVIOR = 'fav';
/** The deployed job's own code throws on events of this user, until it is mended. */
export const POISON_USER = 'poison';
