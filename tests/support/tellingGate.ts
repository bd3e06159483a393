/** A gate that tells with each event what it knew of the key, and states that are as large as a test wants. */
import { createHash } from 'node:crypto';
import { days } from '../../shared/index.ts';
import type { WindowJob } from '../../shared/job/windowJob.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { Coverage } from '../../shared/operators/keyed/coverage.ts';
import { coverageAfter } from '../../shared/runtime/lanes/restoreStore.ts';
import { partPartition, slotKey } from '../../shared/state/keys.ts';
import type { TestEngine } from './engine.ts';
import { gatedJob, type Signal, T0 } from './signals.ts';

export interface TellingOptions {
  /** Of text that cannot be deflated, in the state of each key. */
  readonly stateBytes?: number;
  readonly stateRetention?: Duration;
  key?(event: Signal): string;
}

/** A row for each event: its key, and `<second>: <how many events of the key came before>`. */
export function tellingGate(options: TellingOptions = {}): WindowJob {
  const { stateBytes = 0, stateRetention = days(365), key = (event) => event.key } = options;
  return gatedJob({
    key,
    initial: [0, ''],
    decidedBy: [stateBytes],
    decide(state, event) {
      const [seen] = state as [number, string];
      const place = `${(event.time - T0) / 1_000}: ${seen}`;
      return {
        verdict: seen < 2 ? 'pass' : 'filter',
        state: [seen + 1, noise(`${key(event)}/${seen}`, stateBytes)],
        alerts: [{ key: key(event), id: place }],
      };
    },
    stateRetention,
  });
}

/** Text of about so many bytes once it is deflated. */
export const noise = (seed: string, bytes: number): string =>
  bytes === 0 ? '' : createHash('shake256', { outputLength: bytes }).update(seed).digest('base64');

/** Time to live does its work. */
export function forgetExpired({ state, clock }: TestEngine): void {
  for (const { pk, sk, expiresAt } of [...state.items()]) {
    if (typeof expiresAt !== 'number' || expiresAt * 1_000 > clock.now()) continue;
    state.remove({ pk: String(pk), sk: String(sk) });
  }
}

/**
 * Removes of a lane what nobody reads any more: commits before `keptFrom` and what waits, chunks that only those name, and parts that newer
 * ones cover. Gives how many items that were.
 */
export async function removeUnneeded(shards: TestEngine, shard: string): Promise<number> {
  const lane = shards.lane(shard);
  const { keptFrom = 0, heldFrom = Number.POSITIVE_INFINITY } = (await shards.head(shard)) ?? {};
  const from = Math.min(keptFrom, heldFrom);
  const commits = (await shards.commits(shard)).filter(({ slot }) => slot >= from);
  let coverage: Coverage | undefined;
  for (const commit of commits) {
    if (commit.slot >= keptFrom) coverage = coverageAfter(coverage, commit);
  }
  const slots = new Set(coverage?.stretches.map(({ slot }) => slot));
  const parts = commits.flatMap(({ slot, part }) =>
    part && slots.has(slot) ? [partPartition(lane, { slot, from: part.from })] : [],
  );
  const chunks = commits.flatMap(({ changes, alerts, side, held }) =>
    [changes, alerts, side, held].flatMap((blob) =>
      blob && 'id' in blob ? [String(blob.id)] : [],
    ),
  );
  const isNeeded = (pk: string, sk: string): boolean => {
    if (pk.includes('#log#')) return sk >= slotKey(from);
    if (pk.includes('#chunk#')) return chunks.some((id) => sk.startsWith(id));
    return !pk.includes('#part#') || parts.includes(pk);
  };
  const place = `#signals/${shard}`;
  let removed = 0;
  for (const { pk, sk } of [...shards.state.items()]) {
    const isOfLane = `${pk}#`.includes(`${place}#`);
    if (!isOfLane || isNeeded(String(pk), String(sk))) continue;
    shards.state.remove({ pk: String(pk), sk: String(sk) });
    removed += 1;
  }
  return removed;
}
