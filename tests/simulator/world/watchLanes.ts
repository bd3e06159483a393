/** Situations in the life of lanes: how they end, and what meets them once they are retired. */
import type { Item } from '../../../shared/ports/table.ts';
import type { Situations } from '../situations.ts';
import type { RecordedChange } from './history.ts';
import { laneOfLog } from './kinds.ts';

export class LaneWatch {
  readonly #situations: Situations;
  /** `<job>|<lane>` */
  readonly #retired = new Set<string>();
  /** Those whose time-outs wait for children. */
  readonly #holding = new Set<string>();

  constructor(situations: Situations) {
    this.#situations = situations;
  }

  note(change: RecordedChange): void {
    const { kind, key, before, after } = change;
    if (kind === 'retired lane' && after && key.sk !== 'generation') {
      this.#retired.add(`${key.pk.replace(/#retired$/, '')}|${key.sk}`);
      this.#situations.meet('lane retired');
    }
    if (kind === 'lane' && after && !before) this.#noteBegun(key.pk, key.sk, after);
    if (kind === 'commit' && after) this.#noteCommit(change, after);
  }

  #noteBegun(job: string, sk: string, after: Item): void {
    const lane = sk.slice('lane#'.length);
    if (this.#retired.has(`${job}|${lane}`)) this.#situations.meet('retired lane listed again');
    const stream = lane.slice(0, lane.lastIndexOf('/'));
    const parents = (after['parents'] ?? []) as readonly string[];
    if (parents.some((shard) => this.#retired.has(`${job}|${stream}/${shard}`))) {
      this.#situations.meet('child of a retired lane begins');
    }
  }

  #noteCommit({ key, by }: RecordedChange, after: Item): void {
    const log = laneOfLog(key.pk);
    const name = `${log?.job}|${log?.lane}`;
    if (after['ended'] !== true) return;
    if (by.startsWith('close-')) this.#situations.meet('lane ended once its records expired');
    if (after['heldFrom'] !== undefined) this.#holding.add(name);
    else if (this.#holding.delete(name)) this.#situations.meet('time-outs handed over');
  }

  /** Its records come once more. */
  noteRedelivery(job: string, lane: string): void {
    if (this.#retired.has(`${job}|${lane}`)) this.#situations.meet('batch of a retired lane again');
  }
}
