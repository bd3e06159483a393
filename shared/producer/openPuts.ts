/** What producers have in common: an event is taken, and waits for room; what was taken is flushed; once closed, nothing is taken. */
import { JobDefinitionError } from '../errors.ts';
import { Delivery } from './delivery.ts';
import { Ledger } from './ledger.ts';
import type { ProducerSettings, ProducerTotals } from './options.ts';
import type { PutEvent } from './packing.ts';

export class OpenPuts {
  readonly #now: ProducerSettings['now'];
  readonly #ledger: Ledger;
  readonly #delivery: Delivery;
  #isClosed = false;

  constructor(options: ProducerSettings) {
    this.#now = options.now;
    this.#ledger = new Ledger(options.pendingBytesMax);
    this.#delivery = new Delivery(options, this.#ledger);
  }

  /** Why a named producer has ended; undefined as long as it goes on. */
  get endedBy(): string | undefined {
    return this.#delivery.endedBy;
  }

  /** Throws JobDefinitionError once it is closed. */
  checkOpen(): void {
    if (this.#isClosed) {
      throw new JobDefinitionError('the producer is closed; create another one');
    }
  }

  /** Its place is settled at once; resolves when there is room for the next. */
  async take(event: Omit<PutEvent, 'order' | 'since'>): Promise<void> {
    const order = this.#ledger.take(event.data.length);
    this.#delivery.add({ ...event, order, since: this.#now() });
    await this.#ledger.room();
  }

  /** One event for every shard. Resolves when it is acknowledged or undelivered, and all before it. */
  async takeForAll(event: Omit<PutEvent, 'order' | 'since'>): Promise<ProducerTotals> {
    const order = this.#ledger.take(event.data.length);
    this.#delivery.addForAll({ ...event, order, since: this.#now() });
    return this.flush();
  }

  /** Resolves when everything taken so far is acknowledged or undelivered. */
  async flush(): Promise<ProducerTotals> {
    this.#delivery.closeRecords();
    await this.#ledger.settled();
    return this.#ledger.totals;
  }

  close(): Promise<ProducerTotals> {
    this.#isClosed = true;
    return this.flush();
  }
}
