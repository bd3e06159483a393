/** The stream that a job's forwarding lanes put on, as one of its processes meets it: dead ones put nothing, and those that stand still put late. */
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { NO_STREAMS, type OwnStreams } from '../../../shared/ports/ports.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Fact } from '../truth.ts';
import type { Host } from './host.ts';
import { namedSink } from './namedSink.ts';
import type { Premises } from './premises.ts';
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
    isReshardable: true,
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
