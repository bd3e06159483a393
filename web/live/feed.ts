/**
 * Keeps what a page wants to know up to date.
 *
 * 1. A slot has one request under way at most; a new address aborts the old one and is asked at once.
 * 2. Data stay until others replace them, with the address that they are of, so that a screen can tell.
 * 3. While the page is hidden nothing is asked; when it is seen again, everything is, at once.
 * 4. After a refusal for want of a token nothing is asked until one is given.
 */
import { ask, type Failure, type Fetch, type Reply } from './ask.ts';
import { delayOf } from './delays.ts';

export interface Wanted {
  readonly slot: string;
  readonly url: string;
  readonly everyMs: number;
}

export interface Answer {
  readonly wanted: string;
  readonly data: unknown;
  /** The address that the data are of; another than the wanted one while that is loading. */
  readonly of: string | undefined;
  /** When the server last said that they are so, by the clock. */
  readonly seenAt: number | undefined;
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  /** By the clock; undefined while nothing is planned. */
  readonly nextAt: number | undefined;
}

/** What it needs of a browser. */
export interface Surroundings {
  readonly fetch: Fetch;
  readonly now: () => number;
  /** Gives what cancels it. */
  readonly later: (run: () => void, ms: number) => () => void;
  readonly random: () => number;
}

interface Line {
  want: Wanted;
  answer: Answer;
  etag: string | undefined;
  failures: number;
  request: AbortController | undefined;
  cancel: () => void;
}

const NOTHING = () => {};

export class Feed {
  /** By slot. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly #answers = new Map<string, Answer>();
  readonly #lines = new Map<string, Line>();
  readonly #surroundings: Surroundings;
  readonly #onChange: () => void;
  #isHidden = false;
  #isLocked = false;
  #token: string | undefined;

  constructor(surroundings: Surroundings, onChange: () => void) {
    this.#surroundings = surroundings;
    this.#onChange = onChange;
    this.answers = this.#answers;
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** From now on these and no others. */
  want(wants: readonly Wanted[]): void {
    const slots = new Set(wants.map(({ slot }) => slot));
    for (const [slot, line] of this.#lines) {
      if (slots.has(slot)) continue;
      this.#lines.delete(slot);
      this.#answers.delete(slot);
      halt(line);
    }
    for (const want of wants) {
      const line = this.#lines.get(want.slot);
      if (line) this.#change(line, want);
      else this.#open(want);
    }
  }

  setHidden(isHidden: boolean): void {
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    if (!isHidden) this.retry();
    else for (const line of this.#lines.values()) this.#pause(line);
  }

  setToken(token: string): void {
    this.#token = token;
    this.#isLocked = false;
    this.retry();
  }

  /** Now, however long the wait would have been. */
  retry(): void {
    for (const line of this.#lines.values()) void this.#poll(line);
  }

  #open(want: Wanted): void {
    const answer: Answer = {
      ...{ wanted: want.url, data: undefined, of: undefined, seenAt: undefined },
      ...{ failure: undefined, isLoading: false, nextAt: undefined },
    };
    const state = { etag: undefined, failures: 0, request: undefined, cancel: NOTHING };
    const line: Line = { want, answer, ...state };
    this.#lines.set(want.slot, line);
    this.#answers.set(want.slot, answer);
    void this.#poll(line);
  }

  #change(line: Line, want: Wanted): void {
    const isSame = line.want.url === want.url;
    line.want = want;
    if (isSame) return;
    line.failures = 0;
    line.answer = { ...line.answer, wanted: want.url, failure: undefined };
    this.#answers.set(want.slot, line.answer);
    void this.#poll(line);
  }

  #pause(line: Line): void {
    halt(line);
    this.#note(line, { isLoading: false, nextAt: undefined });
  }

  async #poll(line: Line): Promise<void> {
    halt(line);
    if (this.#isHidden || this.#isLocked) return;
    const request = new AbortController();
    line.request = request;
    this.#note(line, { isLoading: true, nextAt: undefined });
    const { url } = line.want;
    const etag = line.answer.of === url ? line.etag : undefined;
    const question = { url, etag, token: this.#token, signal: request.signal };
    const reply = await ask(this.#surroundings.fetch, question);
    if (line.request !== request) return;
    line.request = undefined;
    this.#take(line, url, reply);
    this.#plan(line);
  }

  #take(line: Line, url: string, reply: Reply): void {
    if (reply.kind === 'failed') {
      line.failures += 1;
      this.#isLocked ||= reply.failure.by === 'locked';
      this.#note(line, { failure: reply.failure, isLoading: false });
      return;
    }
    line.failures = 0;
    if (reply.kind === 'data') line.etag = reply.etag;
    this.#note(line, {
      ...{ seenAt: this.#surroundings.now(), failure: undefined, isLoading: false },
      ...(reply.kind === 'data' ? { data: reply.data, of: url } : {}),
    });
  }

  #plan(line: Line): void {
    if (this.#isHidden || this.#isLocked) {
      this.#pause(line);
      return;
    }
    const { failures, want, answer } = line;
    const outcome = { everyMs: want.everyMs, failures, retryAfterMs: answer.failure?.retryAfterMs };
    const { random, later, now } = this.#surroundings;
    const delay = delayOf(outcome, random());
    line.cancel = later(() => void this.#poll(line), delay);
    this.#note(line, { nextAt: now() + delay });
  }

  #note(line: Line, change: Partial<Answer>): void {
    line.answer = { ...line.answer, ...change };
    if (this.#lines.get(line.want.slot) !== line) return;
    this.#answers.set(line.want.slot, line.answer);
    this.#onChange();
  }
}

function halt(line: Line): void {
  line.request?.abort();
  line.request = undefined;
  line.cancel();
  line.cancel = NOTHING;
}
