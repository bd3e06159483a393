/**
 * Puts events on a stream, packed, so that every shard holds its events in the order they were put.
 *
 * 1. An event's place is settled by `put`, synchronously: calls in order are events in order, awaited or not.
 * 2. A record holds events of one shard only, in put order. A shard has one record on its way at a time: what
 *    is refused goes again before anything behind it.
 * 3. When a record lands elsewhere, the stream was resharded: nothing more is sent until every request has
 *    its answer and the new ranges are known; then what was not sent is packed anew, in put order. So at
 *    most the records that were on their way at that moment, one a shard, hold keys of a sibling shard.
 * 4. An event is stored once, unless a request's reply is lost: then its records go again and may be there
 *    twice, each copy in order. `onRepeated` hears of it.
 *
 * Each event ends acknowledged or undelivered, never neither.
 */
import { OpenPuts } from './openPuts.ts';
import { type ProducerOptions, type ProducerTotals, settingsOf } from './options.ts';
import { checkEvent } from './packing.ts';

export interface Producer {
  /**
   * Takes one event, one line of JSON; resolves when there is room for the next. `explicitHashKey` takes
   * the place of the partition key's MD5. Throws PoisonEventError where the event can never be a record.
   */
  put(
    partitionKey: string,
    data: string | Uint8Array,
    options?: { readonly explicitHashKey?: bigint },
  ): Promise<void>;
  /** Sends open records now; resolves when everything put so far is acknowledged or undelivered. */
  flush(): Promise<ProducerTotals>;
  /** Flushes and takes no more. */
  close(): Promise<ProducerTotals>;
}

export function createProducer(given: ProducerOptions): Producer {
  const puts = new OpenPuts(settingsOf(given));
  return {
    async put(partitionKey, raw, { explicitHashKey } = {}) {
      puts.checkOpen();
      const event = { partitionKey, data: checkEvent(partitionKey, raw) };
      await puts.take(explicitHashKey === undefined ? event : { ...event, explicitHashKey });
    },
    flush: () => puts.flush(),
    close: () => puts.close(),
  };
}
