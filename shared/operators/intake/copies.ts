/** Which entries of a run are copies of events that their lane has taken, and what it remembers behind the run. Pure. */
import type { Source } from '../../job/source.ts';
import type { Counts } from '../../model/counts.ts';
import { hashKeyOf } from '../../model/hashRange.ts';
import type { Duration } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { partitionKeyOf } from './partitionKey.ts';
import { MemoryDraft, type ProducerMemory } from './producerMemory.ts';

export interface ProducerStart {
  readonly memory: ProducerMemory;
  /** Without a record of it for so long, a name is forgotten. */
  readonly nameLife: Duration;
}

export class Copies {
  readonly #draft: MemoryDraft | undefined;
  readonly #source: Pick<Source<unknown>, 'partitionKeyIn'>;
  #repeated = 0;
  #unremembered = 0;

  /** @param start absent where none of the entries is a named producer's */
  constructor(start: ProducerStart | undefined, source: Pick<Source<unknown>, 'partitionKeyIn'>) {
    this.#draft = start && new MemoryDraft(start.memory, start.nameLife);
    this.#source = source;
  }

  /**
   * Whether the lane has taken the entry before; if not, it remembers that it has now. Not to be asked of what is misplaced: that its
   * producer puts again elsewhere, so it is not taken here.
   * @param isNoEvent taken like any other, it is no copy of an event
   */
  isCopy(entry: Entry, isNoEvent = false): boolean {
    const { produced } = entry;
    if (!this.#draft || !produced) return false;
    const hashKey = () => hashKeyOf(partitionKeyOf(this.#source, entry));
    const standing = this.#draft.take(entry, produced, hashKey);
    if (isNoEvent) return false;
    if (standing === 'repeated') this.#repeated += 1;
    if (standing === 'unremembered') this.#unremembered += 1;
    return standing === 'repeated';
  }

  get counts(): Pick<Counts, 'repeated' | 'unremembered'> {
    return { repeated: this.#repeated, unremembered: this.#unremembered };
  }

  finish(): { readonly memory?: ProducerMemory } {
    return this.#draft ? { memory: this.#draft.finish() } : {};
  }
}
