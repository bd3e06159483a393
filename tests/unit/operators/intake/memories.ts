/** A memory that records are taken into one by one, for tests that say what becomes of each. */
import {
  NO_MEMORY,
  type ProducerMemory,
  type Standing,
} from '../../../../shared/operators/intake/producerMemory.ts';
import { type Met, NAME_LIFE, piecesOf, taken } from '../../../support/namedRecords.ts';

export class TestMemory {
  memory: ProducerMemory;

  constructor(memory: ProducerMemory = NO_MEMORY) {
    this.memory = memory;
  }

  /** One word for all events of the record, if they all stand alike. */
  meet(record: Met): Standing | Standing[] {
    const { standings, memory } = taken(this.memory, piecesOf(record), NAME_LIFE);
    this.memory = memory;
    const [first] = standings;
    return first !== undefined && standings.every((each) => each === first) ? first : standings;
  }

  /** Everything that is remembered of a name, however it is split over what changed and what did not. */
  marksOf(name: string) {
    return (this.memory.recent.get(name) ?? this.memory.page.get(name))?.marks;
  }
}

export const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
