/**
 * The `Table` of one simulated process: every operation awaits its turn and may meet the faults of the run.
 *
 * 1. A throttled operation changed nothing. 2. A lost reply says nothing: the write was applied, or is
 * applied later (a straggler). 3. A write that the SDK repeats by itself answers with the outcome of the
 * last try. 4. A batch write is applied item by item, others in between.
 */
import { RetryableError, UnknownOutcomeError } from '../../../shared/errors.ts';
import type {
  Condition,
  Consistency,
  Item,
  Key,
  QueryRequest,
  Table,
  WriteOutcome,
} from '../../../shared/ports/table.ts';
import type { Random } from '../random.ts';
import { AimedStalls } from './aimedStalls.ts';
import type { Host, Surroundings } from './host.ts';
import { kindOf } from './kinds.ts';
import type { Premises } from './premises.ts';
import { sortKeysAfter } from './sortKeys.ts';
import { STALENESS_MAX_MS, type Store } from './store.ts';
import { isTimerRun } from './watchKeyed.ts';

const STRAGGLER_MS: readonly [number, number] = [50, 30_000];
const PAGE_ITEMS_MAX = 12;

interface Write {
  readonly label: string;
  readonly kind: string;
  apply(): WriteOutcome;
}

export class SimulatedTable implements Table {
  readonly #store: Store;
  readonly #host: Host;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #stalls: AimedStalls;

  constructor(store: Store, host: Host, around: Surroundings, random: Random) {
    this.#store = store;
    this.#host = host;
    this.#around = around;
    this.#random = random;
    this.#stalls = new AimedStalls(host, around, random);
  }

  get description() {
    return this.#store.description;
  }

  get(key: Key, consistency: Consistency): Promise<Item | undefined> {
    const asOf = this.#asOf(consistency);
    return this.#read(`get ${nameOf(key)}`, () => this.#readItem(key, asOf));
  }

  async batchGet(keys: readonly Key[], consistency: Consistency): Promise<readonly Item[]> {
    if (new Set(keys.map(nameOf)).size !== keys.length) {
      throw new Error('validation: a key is named twice in one batchGet');
    }
    const found: Item[] = [];
    for (let from = 0; from < keys.length; from += PAGE_ITEMS_MAX) {
      const some = keys.slice(from, from + PAGE_ITEMS_MAX);
      const items = await this.#read(`batchGet ${some.map(nameOf).join(' ')}`, () =>
        some.map((key) => this.#readItem(key, this.#asOf(consistency))),
      );
      found.push(...items.filter((item) => item !== undefined));
    }
    return this.#random.shuffled(found);
  }

  async *query(request: QueryRequest): AsyncIterable<Item> {
    if (isJobPartition(request.pk)) this.#host.lookedAt = this.#around.timeline.now;
    let after: string | undefined;
    let left = request.limit ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const size = Math.min(left, this.#random.between(1, PAGE_ITEMS_MAX));
      const asOf = this.#asOf(request.consistency);
      const from = after;
      const page = await this.#read(`query ${request.pk} ${request.order} after ${from}`, () =>
        this.#readPage(request, from, size, asOf),
      );
      for (const { item } of page) yield item;
      if (page.length < size) return;
      after = page.at(-1)?.sk;
      left -= page.length;
    }
  }

  put(item: Item, condition: Condition): Promise<WriteOutcome> {
    const key = this.#store.keyOf(item);
    const { lookedAt } = this.#host;
    return this.#write({
      label: `put ${nameOf(key)} ${condition.kind}`,
      kind: kindOf(this.#store.contents, key),
      apply: () =>
        this.#applied({ key, condition, lookedAt }, (at, by) =>
          this.#store.put(item, condition, at, by),
        ),
    });
  }

  update(key: Key, set: Item, condition: Condition): Promise<WriteOutcome> {
    const { lookedAt } = this.#host;
    return this.#write({
      label: `update ${nameOf(key)} ${condition.kind}`,
      kind: kindOf(this.#store.contents, key),
      apply: () =>
        this.#applied({ key, condition, lookedAt }, (at, by) =>
          this.#store.update(key, set, condition, at, by),
        ),
    });
  }

  async batchPut(items: readonly Item[]): Promise<void> {
    const stopsAt = this.#random.chance(this.#around.faults.partialBatch)
      ? this.#random.below(items.length + 1)
      : items.length;
    for (const [i, item] of this.#random.shuffled(items).entries()) {
      if (i === stopsAt) throw this.#partialBatchError();
      await this.put(item, { kind: 'always' });
    }
  }

  async batchRemove(keys: readonly Key[]): Promise<void> {
    const stopsAt = this.#random.chance(this.#around.faults.partialBatch)
      ? this.#random.below(keys.length + 1)
      : keys.length;
    const { lookedAt } = this.#host;
    for (const [i, key] of this.#random.shuffled(keys).entries()) {
      if (i === stopsAt) throw this.#partialBatchError();
      const kind = kindOf(this.#store.contents, key);
      await this.#write({
        label: `remove ${nameOf(key)}`,
        kind: `removal of ${kind}`,
        apply: () =>
          this.#applied({ key, condition: { kind: 'always' }, lookedAt }, (at, by) =>
            this.#store.remove(key, at, by),
          ),
      });
    }
  }

  #partialBatchError(): Error {
    this.#around.situations.meet('batch written in part');
    return this.#random.chance(0.5)
      ? new RetryableError('simulated: a batch was written in part')
      : new UnknownOutcomeError('simulated: a batch was written, perhaps in part');
  }

  #read<T>(label: string, perform: () => T): Promise<T> {
    const isThrottled = this.#random.chance(this.#around.faults.throttle);
    return this.#host.operate({
      label,
      perform: () => {
        if (isThrottled) throw new RetryableError('simulated: the table is throttled');
        return perform();
      },
    });
  }

  async #write(write: Write): Promise<WriteOutcome> {
    const { faults, situations, timeline } = this.#around;
    if (this.#random.chance(faults.throttle)) {
      return this.#perform(`${write.label} throttled`, write.kind, () => {
        throw new RetryableError('simulated: the table is throttled');
      });
    }
    if (this.#random.chance(faults.straggler)) {
      return this.#perform(`${write.label} underway`, write.kind, () => {
        const delay = Math.round(this.#random.magnitude(...STRAGGLER_MS));
        timeline.after(delay, () => write.apply());
        situations.meet(`straggling write: ${write.kind}`);
        throw new UnknownOutcomeError('simulated: no reply, the write is underway');
      });
    }
    if (this.#random.chance(faults.lostReply)) {
      return this.#perform(`${write.label} reply lost`, write.kind, () => {
        if (write.apply().kind === 'written') situations.meet(`lost reply applied: ${write.kind}`);
        throw new UnknownOutcomeError('simulated: no reply, the write happened');
      });
    }
    const outcome = await this.#perform(write.label, write.kind, write.apply);
    if (outcome.kind === 'refused' || !this.#random.chance(faults.repeatedWrite)) return outcome;
    const second = await this.#perform(`${write.label} again`, write.kind, write.apply);
    if (second.kind === 'refused') situations.meet(`refused after applying: ${write.kind}`);
    return second;
  }

  #perform(label: string, writes: string, perform: () => WriteOutcome): Promise<WriteOutcome> {
    return this.#host.operate({ label, writes, perform });
  }

  #applied(
    write: { key: Key; condition: Condition; lookedAt: number | undefined },
    apply: (at: number, by: string) => WriteOutcome,
  ): WriteOutcome {
    const { key, condition, lookedAt } = write;
    this.#around.looked.at = lookedAt;
    const outcome = apply(this.#around.timeline.now, this.#host.name);
    const kind = kindOf(this.#store.contents, key);
    const { situations } = this.#around;
    if (outcome.kind === 'refused') this.#noteRefused(kind);
    if (kind === 'commit' && outcome.kind === 'written') this.#stalls.maybeAfterCommit();
    if (this.#host.isZombie && condition.kind !== 'always') {
      situations.meet(`zombie ${outcome.kind === 'refused' ? 'refused' : 'wrote'}: ${kind}`);
    }
    return outcome;
  }

  #noteRefused(kind: string): void {
    const { situations } = this.#around;
    situations.meet(`refused: ${kind}`);
    if (kind !== 'status' && kind !== 'commit') return;
    if (isTimerRun(this.#host.name)) situations.meet(`refused to a timer run: ${kind}`);
    else if (kind === 'status') situations.meet('refused to ingest: status');
  }

  #asOf(consistency: Consistency): number {
    if (consistency === 'strong' || !this.#random.chance(this.#around.faults.staleRead)) {
      return Number.POSITIVE_INFINITY;
    }
    return this.#around.timeline.now - this.#random.magnitude(500, STALENESS_MAX_MS);
  }

  #readItem(key: Key, asOf: number): Item | undefined {
    const item = this.#store.read(key, asOf);
    if (item !== this.#store.read(key)) {
      this.#around.situations.meet(`stale read: ${kindOf(this.#store.contents, key)}`);
    }
    return item;
  }

  #readPage(
    request: QueryRequest,
    after: string | undefined,
    size: number,
    asOf: number,
  ): { sk: string; item: Item }[] {
    const page: { sk: string; item: Item }[] = [];
    for (const sk of sortKeysAfter(after, this.#store.sortKeysOf(request.pk), request)) {
      if (page.length === size) break;
      const item = this.#readItem({ pk: request.pk, sk }, asOf);
      if (item) page.push({ sk, item });
    }
    return page;
  }
}

/** The partition with a job's lanes and its `closing` item: reading it begins a closing run. */
const isJobPartition = (pk: string): boolean => !pk.includes('#');

const nameOf = ({ pk, sk }: Key): string => `${pk}|${sk}`;

/** The job's tables as one process sees them. */
export function tablesFor(
  { state, results, around, random }: Premises,
  host: Host,
): { state: SimulatedTable; results: (name: string) => SimulatedTable } {
  const open = (store: Store): SimulatedTable =>
    new SimulatedTable(
      store,
      host,
      around,
      random.fork(`${host.name} on ${store.description.name}`),
    );
  const opened = new Map([...results].map(([name, store]) => [name, open(store)]));
  return {
    state: open(state),
    results(name) {
      const table = opened.get(name);
      if (!table) throw new Error(`the job has no table ${name}`);
      return table;
    },
  };
}
