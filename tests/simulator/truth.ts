/** What the simulator knows about a record because it made it: the oracle never decodes anything. */

/**
 * A fault of the job as deployed at first, which the event brings out: it cannot be read, or the job's own
 * code throws on it.
 */
export type Flaw = 'unreadable' | 'poison';

/** What all streams' events have: the JSON that is put on the stream, flaw included. */
export interface StreamEvent {
  readonly timestamp: number;
  readonly flaw?: Flaw;
}

export interface Behavior extends StreamEvent {
  readonly userId: string;
  readonly itemId: string;
  readonly categoryId: string;
  readonly behavior: string;
}

export interface PageView extends StreamEvent {
  readonly ip: string;
  readonly method: string;
  readonly url: string;
}

export interface Promotion extends StreamEvent {
  readonly userId: string;
  readonly channel: string;
  readonly behavior: string;
}

export interface AdClick extends StreamEvent {
  readonly userId: string;
  readonly adId: string;
  readonly province: string;
  readonly city: string;
}

export interface Login extends StreamEvent {
  readonly userId: string;
  readonly ip: string;
  readonly outcome: string;
}

export interface OrderEvent extends StreamEvent {
  readonly orderId: string;
  readonly type: string;
  readonly txId?: string;
}

export interface Receipt extends StreamEvent {
  readonly txId: string;
  readonly channel: string;
}

/** An entry of a record: its index there and its bytes. */
interface Place {
  readonly index: number;
  readonly raw: Uint8Array;
  /** Of an event in an aggregate: where its hash key stands among all, from 0 to 1. */
  readonly point?: number;
  /** Of a named producer's event. */
  readonly put?: Put;
  /** The partition key of the event itself, where its record may have another one. */
  readonly key?: string | undefined;
}

/** By whom an event was put, where it stands in the source, and for which points (from one on and up to another) its record was planned. */
interface Put {
  readonly name: string;
  readonly place: string;
  readonly low: number;
  readonly high: number;
}

export type Content =
  /** JSON of an event; a job may still refuse it (see `Analysis`). */
  | { readonly kind: 'event'; readonly event: StreamEvent }
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
  (
    | Content
    | {
        readonly kind: 'redriven';
        readonly origin: Origin;
        readonly content: Content;
      }
    /** An envelope that claims to be a dead letter of the job and is none; its bytes are the envelope itself. */
    | { readonly kind: 'forged'; readonly job: string }
  );
