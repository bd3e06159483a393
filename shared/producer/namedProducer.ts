/**
 * Puts events on a stream so that each of them counts once, however often it is put: by a request that is tried again, by a function that
 * is run again, by a service that begins again where it last knew that all was stored.
 *
 * It is a producer (`producer.ts`) whose records say by which name they are put, for which range of hash keys they were planned, and at which
 * offset of its source each event stands. Lanes drop what they have (`operators/intake/producerMemory.ts`). Its own part:
 *
 * 1. Offsets only grow from put to put. The same event has the same offset and the same partition key whenever it is put, under the partition
 *    key that the stream's source declares.
 * 2. One record per planned range is on its way; whatever became of a request, the same record goes again before anything behind it.
 * 3. A record that landed on another shard than planned goes again with the next plan, before anything behind it.
 * 4. The first event that is given up ends the producer: nothing more is put. Whoever goes on does so by a new producer of the same name, at
 *    or before the first event that it does not know to be stored. Several at once do no harm.
 */
import { PoisonEventError, RetryableError } from '../errors.ts';
import { HASH_KEYS } from '../model/hashRange.ts';
import { OFFSETS_END, type Offset, offsetOf } from '../model/offset.ts';
import { stampBytesOf } from '../records/stamp.ts';
import { OpenPuts } from './openPuts.ts';
import { type NamedProducerOptions, type ProducerTotals, settingsOf } from './options.ts';
import { checkEvent } from './packing.ts';

/** A named producer gave up: it puts nothing more. What is not known to be stored is put again by a new one of its name. */
export class ProducerEnded extends RetryableError {
  override name = 'ProducerEnded';
}

export interface NamedProducer {
  /**
   * Takes one event, one line of JSON, and where it stands in its source: a whole number from 0 to 2^256, as a bigint where it is beyond
   * 2^53. Resolves when there is room for the next. Throws PoisonEventError, and takes nothing, where the event can never be
   * a record or its offset is not behind the last one; ProducerEnded.
   */
  put(partitionKey: string, data: string | Uint8Array, offset: number | bigint): Promise<void>;
  /** Sends open records now; resolves when everything put so far is stored. Throws ProducerEnded. */
  flush(): Promise<ProducerTotals>;
  /**
   * The same, with one event more, which every open shard gets behind those that were put; it is stored once. Nothing is put meanwhile. Throws
   * as `put`.
   */
  flushWith(data: string | Uint8Array, offset: number | bigint): Promise<ProducerTotals>;
  /** Flushes and takes no more. Throws ProducerEnded. */
  close(): Promise<ProducerTotals>;
}

/** Throws JobDefinitionError. */
export function createNamedProducer(given: NamedProducerOptions): NamedProducer {
  const puts = new OpenPuts(settingsOf(given));
  const widest = { start: LAST_HASH_KEY, end: LAST_HASH_KEY };
  const stampBytes = stampBytesOf({ producer: given.name, planned: widest });
  let last: Offset | undefined;

  const checkGoesOn = (): void => {
    if (puts.endedBy === undefined) return;
    throw new ProducerEnded(
      `the producer ${given.name} has ended: ${puts.endedBy}; go on by a new one of the same name, from the first event that is not known to be stored`,
    );
  };
  const unlessEnded = (totals: ProducerTotals): ProducerTotals => {
    checkGoesOn();
    return totals;
  };
  const checked = (partitionKey: string, raw: string | Uint8Array, at: number | bigint) => {
    puts.checkOpen();
    checkGoesOn();
    const offset = checkOffset(at, last);
    const data = checkEvent(partitionKey, raw, stampBytes(offset));
    last = offset;
    return { partitionKey, data, offset };
  };
  return {
    async put(partitionKey, raw, at) {
      await puts.take(checked(partitionKey, raw, at));
      checkGoesOn();
    },
    flush: async () => unlessEnded(await puts.flush()),
    async flushWith(raw, at) {
      return unlessEnded(await puts.takeForAll(checked(FOR_ALL, raw, at)));
    },
    close: async () => unlessEnded(await puts.close()),
  };
}

const LAST_HASH_KEY = HASH_KEYS - 1n;
/** A record has to have some partition key. */
const FOR_ALL = '*';

function checkOffset(at: number | bigint, last: Offset | undefined): Offset {
  const offset = offsetOf(at);
  if (offset === undefined) {
    throw new PoisonEventError(
      `the event cannot be put: its offset ${at} is no whole number from 0 to 2^53, nor a bigint below 2^${OFFSETS_END.toString(2).length - 1}`,
    );
  }
  if (last === undefined || offset > last) return offset;
  throw new PoisonEventError(
    `the event cannot be put: its offset ${offset} is not behind ${last}, that of the event before it; offsets of a source only grow`,
  );
}
