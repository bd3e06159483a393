/** The stream that a job's forwarding lanes put on, as one of its processes meets it: dead ones put nothing, and those that stand still put late. */
import { needsRepartition, repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { NAMES_MAX } from '../../../shared/operators/intake/producerMemory.ts';
import { NO_STREAMS, type OwnStreams } from '../../../shared/ports/ports.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Fact } from '../truth.ts';
import type { Host } from './host.ts';
import { MANY, namedSink, SHARDS_MAX } from './namedSink.ts';
import type { Premises } from './premises.ts';
import { hangsOnLag } from './strays.ts';
import { Stream } from './stream.ts';

/** What a line holds is no matter here: the job answers for what it puts on its own stream by its rows. */
const FORWARDED: Fact = { kind: 'garbage', raw: Buffer.from('{}'), index: 0 };

/** One for each job of the run that needs one. */
export const openOwnStreams = (
  { trials, shards }: Pick<Scenario, 'trials' | 'shards'>,
  random: Random,
): Stream[] =>
  trials.flatMap(({ deployed }) => {
    const name = repartitionStreamOf(deployed);
    return name === undefined ? [] : [new Stream(name, shards, random.fork(`stream ${name}`))];
  });

/**
 * How many shards a stream may have before none is split or merged any more. Each that is forwarded is a name that keyed lanes remember, and so is
 * the frontier: there must be room, or what is forwarded again counts again. So does what producers put again after a merge, where lanes have no room for
 * all of them.
 */
export function sourceShardsMax(
  { trials, named }: Pick<Scenario, 'trials' | 'named'>,
  most: number,
): number {
  if (trials.some(hangsOnLag) || (named === 'many' && MANY > NAMES_MAX)) return 0;
  const streams = trials
    .filter(({ deployed }) => needsRepartition(deployed))
    .map((each) => each.streams.length);
  if (streams.length === 0) return most;
  return Math.min(most, Math.floor((NAMES_MAX - 1) / Math.max(...streams)) - 1);
}

export function ownStreams(premises: Premises, host: Host): OwnStreams {
  const { streams, around } = premises;
  const { timeline } = around;
  const own = streams.find(({ name }) => name === repartitionStreamOf(premises.job()));
  if (!own) return NO_STREAMS;
  const random = premises.random.fork(`puts of ${host.name}`);
  const sink = namedSink({
    stream: own,
    around,
    faults: () => around.faults,
    random,
    isAlive: () => !host.isDead,
    shardsMax: SHARDS_MAX,
    outage: { until: 0 },
    factsOf: () => [FORWARDED],
  });
  return {
    sinkOf: () => ({
      async putRecords(records) {
        const label = `put ${records.length} records on ${own.name}`;
        await host.operate({ label, writes: 'forwarded', perform: () => undefined });
        return sink.putRecords(records);
      },
      listShards: () => sink.listShards(),
    }),
    timing: {
      now: () => timeline.now,
      sleep: (ms) => timeline.sleep(Math.round(ms)),
      random: () => random.next(),
    },
  };
}
