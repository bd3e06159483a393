/**
 * An event source mapping: one poller for each shard, from `serverless.yml`'s properties. A child shard
 * starts once this mapping has drained its parents, so that a key's records stay in order over a resharding.
 */
import type { ShardId } from '../../shared/model/lane.ts';
import type { MappingDefinition } from './definitions.ts';
import { type PollerPorts, ShardPoller } from './shardPoller.ts';
import type { SourceShard } from './shardSource.ts';
import { pause } from './wakeups.ts';

export interface MappingRunner {
  /** Resolves when everything that is on the stream now is processed. */
  waitUntilDrained(): Promise<void>;
  /** Resolves when no invocation of this mapping is under way any more. */
  stop(): Promise<void>;
}

const DISCOVERY_INTERVAL_MS = 2_000;

export function runMapping(
  mapping: MappingDefinition,
  given: Omit<PollerPorts, 'signal'>,
): MappingRunner {
  const stopping = new AbortController();
  const ports: PollerPorts = { ...given, signal: stopping.signal };
  const pollers = new Map<ShardId, ShardPoller>();
  const running: Promise<void>[] = [];

  const isDrained = (shard: ShardId): boolean =>
    ports.checkpoints.get(mapping.name, shard)?.drained === true;

  async function startShards(): Promise<void> {
    const shards = await ports.source.listShards();
    const isKnown = new Set(shards.map(({ shard }) => shard));
    const isReady = ({ shard, parents }: SourceShard): boolean =>
      !pollers.has(shard) &&
      !isDrained(shard) &&
      parents.every((parent) => isDrained(parent) || !isKnown.has(parent));
    for (const { shard } of shards.filter(isReady)) {
      const poller = new ShardPoller(shard, mapping, ports);
      pollers.set(shard, poller);
      running.push(runPoller(poller));
    }
  }

  async function runPoller(poller: ShardPoller): Promise<void> {
    if ((await poller.run()) === 'drained') await startShards().catch(ports.onReadFailure);
  }

  async function discover(): Promise<void> {
    const { signal, timing, wakeups } = ports;
    const ms = Math.max(DISCOVERY_INTERVAL_MS, wakeups.pauseMsMax);
    while (!signal.aborted) {
      const wake = wakeups.next;
      await startShards().catch(ports.onReadFailure);
      await pause(timing, { ms, msMin: DISCOVERY_INTERVAL_MS }, { stop: signal, wake });
    }
  }
  running.push(discover());

  return {
    async waitUntilDrained() {
      let known = -1;
      while (known !== pollers.size && !ports.signal.aborted) {
        await startShards();
        known = pollers.size;
        await Promise.all([...pollers.values()].map((poller) => poller.rest()));
        await startShards();
      }
    },
    async stop() {
      stopping.abort();
      for (let ended = -1; ended !== running.length; ) {
        ended = running.length;
        await Promise.all(running);
      }
    },
  };
}
