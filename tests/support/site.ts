/** A site whose visits are counted: the engine with lanes that are fed by `[second, page]`. */
import { seconds } from '../../shared/index.ts';
import { type EngineOptions, TestEngine } from './engine.ts';
import { T0, untyped, type VisitsOptions, visit, visitsJob } from './jobs.ts';
import { streamRecords } from './records.ts';

export const A = 'shardId-000000000000';
export const B = 'shardId-000000000001';
export const LATENESS: VisitsOptions = { allowedLateness: seconds(60) };

/** An engine whose lanes are fed by `[second, page]`. */
export class Site extends TestEngine {
  readonly #next = new Map<string, number>();

  constructor(job: VisitsOptions = {}, options: EngineOptions = {}) {
    super(untyped(visitsJob(job)), options);
  }

  async visits(seen: readonly (readonly [second: number, page: string])[], shard = A) {
    const first = this.#next.get(shard) ?? 0;
    this.#next.set(shard, first + seen.length);
    const records = streamRecords(
      seen.map(([second, page]) => visit(page, second)),
      { first },
    );
    return this.ingest(records, { shard });
  }

  /** `[minute of the window's end, { page: count }, revision, final]` */
  shown() {
    return this.rows().map(({ windowEnd, pages, revision, final }) => [
      (Date.parse(String(windowEnd)) - T0) / 60_000,
      pages,
      revision,
      final,
    ]);
  }
}
