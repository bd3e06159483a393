/** What named producers put, and what lanes remember of it. */
import { type Canary, canary } from './canary.ts';

export const PRODUCER_CANARIES: readonly Canary[] = [
  canary(
    'offsets not stored',
    'runtime/lanes/commitDraft.ts',
    'const producers = remembered?.marks ?? head?.producers;',
    'const producers = head?.producers;',
  ),
  canary(
    'offsets not taken over by a child',
    'runtime/lanes/laneMemories.ts',
    'return inherited(memories, range, nameLifeOf(this.#settings.streamRetention));',
    'return inherited([], range, nameLifeOf(this.#settings.streamRetention));',
  ),
  canary(
    'offsets of one parent of two taken over',
    'runtime/lanes/laneMemories.ts',
    'return inherited(memories, range,',
    'return inherited(memories.slice(0, 1), range,',
  ),
  canary(
    'one offset per lane instead of per range',
    'operators/intake/producerMemory.ts',
    'mark.has(place) && (isOfAll || isWithin(mark.range, hashKey())),',
    'mark.has(place),',
  ),
  canary(
    'offsets of a part of the planned range not asked',
    'operators/intake/producerMemory.ts',
    'mark.has(place) && (isOfAll || isWithin(mark.range, hashKey())),',
    'mark.has(place) && isOfAll,',
  ),
  canary(
    'offsets compared per record instead of per event',
    'operators/intake/producerMemory.ts',
    'const place = { offset, ordinal: index - first };',
    'const place = { offset: stamp.begin, ordinal: 0 + 0 * (offset as number) * (index - first) };',
  ),
  canary(
    'events of one line told apart by nothing',
    'operators/intake/producerMemory.ts',
    'const place = { offset, ordinal: index - first };',
    'const place = { offset, ordinal: 0 * (index - first) };',
  ),
  {
    name: 'two records of a range in flight: one that fails is overtaken',
    patches: [
      {
        file: 'producer/shardQueue.ts',
        find: 'removeHead(): void {',
        replace:
          'postpone(): void { const [a, b] = this.#closed; if (a && b) this.#closed.splice(0, 2, b, a); }\n  removeHead(): void {',
      },
      {
        file: 'producer/delivery.ts',
        find: 'void this.#backOff(queue);',
        replace: 'queue.postpone(); void this.#backOff(queue);',
      },
    ],
  },
  canary(
    'a give-up that goes on',
    'producer/delivery.ts',
    'const isEnd = this.#options.name !== undefined && this.#endedBy === undefined;',
    'const isEnd = this.#options.name === undefined && this.#endedBy !== undefined;',
  ),
  canary(
    'a record on another shard taken for stored',
    'producer/delivery.ts',
    'if (isMoved && queue.plan) return this.#putAgain(queue, record);',
    '',
  ),
  canary(
    'a record taken that was planned for another shard',
    'runtime/ingest/admitEntries.ts',
    'if (isPlannedElsewhere(planned, entry)) return MISPLACED;',
    '',
  ),
  canary(
    'a child that does not wait for its parents with named records',
    'runtime/lanes/laneMemories.ts',
    'if (!isEnded) {',
    'if (!isEnded && isEnded) {',
  ),
  canary(
    'a parent without records taken for the first shard',
    'runtime/lanes/laneMemories.ts',
    'return this.#ofParents(lane, parents, seen);\n  }\n\n  #read',
    'return parents.length > 0 ? [] : [];\n  }\n\n  #read',
  ),
  canary(
    'a record that overtook another one takes its place',
    'operators/intake/producerMark.ts',
    'this.#growing = at >= 0 ? at : begin;',
    "this.#growing = at >= 0 ? at : 'all';",
  ),
  canary(
    'copies move the clock of arrivals',
    'operators/intake/intake.ts',
    "if (admission.kind !== 'misplaced' && copies.isCopy(entry, isProgress)) continue;",
    "if (admission.kind !== 'misplaced' && copies.isCopy(entry, isProgress)) { operator.arrived?.(entry.arrival, state.watermark); continue; }",
  ),
  canary(
    'a page of producers forgotten',
    'state/lane/producerMarks.ts',
    'const isRead = page && isBefore(now, page.expiresAt);',
    'const isRead = page && !isBefore(now, page.expiresAt);',
    { limits: 'tight' },
  ),
];
