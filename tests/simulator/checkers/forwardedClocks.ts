/**
 * W of a lane on a job's own stream is what the sources say in it, read once more: the least of those that are not idle, by when their last
 * valid events arrived. A stream of which nothing was heard is as idle as if it had been heard first. A child's lane goes on from where its parents ended.
 */
import type { Checker, OwnShard } from '../evidence.ts';
import { readStamped } from '../world/stampedRecord.ts';

interface Clock {
  readonly watermark: number;
  readonly arrival: number;
}

interface State {
  readonly clocks: ReadonlyMap<string, Clock>;
  readonly watermark: number;
}

export const forwardedClocks: Checker = ({ ownShards, commits, streams, settings }) => {
  const job = { streams, idleAfter: settings.idleAfter };
  const ends = new Map<string, State>();
  for (const shard of ownShards) {
    const start = startOf(shard.parents.map((parent) => ends.get(parent)));
    const states = statesIn(shard, start, job);
    ends.set(shard.lane, [...states.values()].at(-1) ?? start);
    for (const { lane, slot, to, watermark } of commits) {
      if (lane !== shard.lane) continue;
      const should = (states.get(to) ?? start).watermark;
      if (watermark !== should) {
        return `slot ${slot} of ${lane} at ${to} has W ${watermark}, should have ${should}`;
      }
    }
  }
  return undefined;
};

const NONE = Number.NEGATIVE_INFINITY;

function startOf(parents: readonly (State | undefined)[]): State {
  const clocks = new Map<string, Clock>();
  for (const [name, clock] of parents.flatMap((parent) => [...(parent?.clocks ?? [])])) {
    const other = clocks.get(name) ?? clock;
    clocks.set(name, {
      watermark: Math.min(clock.watermark, other.watermark),
      arrival: Math.max(clock.arrival, other.arrival),
    });
  }
  return {
    clocks,
    watermark: Math.max(NONE, ...parents.map((parent) => parent?.watermark ?? NONE)),
  };
}

/** Behind each line of the shard, by its position. */
function statesIn({ low, high, records, shardWith }: OwnShard, start: State, job: Job) {
  const states = new Map<string, State>();
  let state = start;
  for (const { sequence, data } of records) {
    const { name, first, last, lines } = readStamped(data);
    const planned = shardWith({ start: first, end: last });
    const isTaken = planned.low >= low && planned.high <= high;
    for (const [index, { text }] of lines.entries()) {
      const said = JSON.parse(text.toString()) as Said;
      if (isTaken && said.w !== undefined) state = behind(state, name, said, job);
      states.set(`${sequence}/${index}`, state);
    }
  }
  return states;
}

/** A line's own content; of progress. */
interface Said {
  readonly s: string;
  readonly w?: number | null;
  readonly v?: number;
}

interface Job {
  readonly streams: readonly string[];
  readonly idleAfter: number;
}

function behind(before: State, name: string, { s, w, v }: Said, job: Job): State {
  const clocks = new Map(before.clocks);
  if (v !== undefined) {
    const isFirst = clocks.size === 0;
    for (const stream of isFirst ? job.streams : [])
      clocks.set(`unheard ${stream}`, { watermark: NONE, arrival: v });
    clocks.delete(`unheard ${s}`);
    const known = clocks.get(name) ?? { watermark: NONE, arrival: NONE };
    clocks.set(name, {
      watermark: Math.max(known.watermark, w ?? NONE),
      arrival: Math.max(known.arrival, v),
    });
  }
  return { clocks, watermark: Math.max(before.watermark, leastOf(clocks, job.idleAfter)) };
}

function leastOf(clocks: ReadonlyMap<string, Clock>, idleAfter: number): number {
  const all = [...clocks.values()];
  const newest = Math.max(...all.map(({ arrival }) => arrival));
  const active = all.filter(({ arrival }) => newest - arrival <= idleAfter);
  const least = Math.min(...active.map((clock) => clock.watermark));
  return active.length > 0 ? least : NONE;
}
