/** The stack's replays: each with a log of what it has put, and all of them ended before the servers are. */
import { join } from 'node:path';
import { kinesisSink } from '../../shared/adapters/aws/kinesisSink.ts';
import { confirmedSink } from './confirmedSink.ts';
import { type Definitions, physicalStreamName } from './definitions.ts';
import { kinesisSource } from './kinesisSource.ts';
import { realTiming } from './realTiming.ts';
import { type ReplayInput, type ReplayOptions, type ReplayTarget, replay } from './replay.ts';
import {
  countedOf,
  openReplayLog,
  type ReplayLogs,
  replayLogFile,
  replayLogs,
} from './replayLog.ts';
import type { Clients } from './servers.ts';

export type StackReplay = Pick<ReplayOptions, 'inputs' | 'speed'> &
  Partial<Pick<ReplayOptions, 'signal' | 'onStored' | 'onReached' | 'onRepeated'>>;

export interface Replays {
  replay(options: StackReplay): Promise<void>;
  /**
   * Ends replays early; resolves when every put under way has its answer. A connection that is closed before would
   * leave puts without one.
   */
  stop(): Promise<void>;
}

export function createReplays(
  dataDirectory: string | undefined,
  definitions: Pick<Definitions, 'streams'>,
  clients: Clients,
): Replays {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** Without a data folder nothing outlives the replay, which still has to know where it began. */
  const kept =
    dataDirectory === undefined
      ? undefined
      : replayLogs(replayLogFile(join(dataDirectory, 'replay.json')));

  async function targetOf({ name, stream }: ReplayInput, logs: ReplayLogs): Promise<ReplayTarget> {
    const physicalName = physicalStreamName(definitions, stream);
    const source = kinesisSource(clients.kinesis, physicalName);
    const replayed = await openReplayLog(name, logs, source);
    const sink = confirmedSink(kinesisSink(clients.puts, physicalName), {
      source,
      timing: realTiming,
      endOf: replayed.endOf,
    });
    return { sink, replayed };
  }

  return {
    replay({ signal, onStored = () => {}, ...given }) {
      const replaying = replay({
        ...given,
        onStored,
        signal: AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]),
        target: (input) => targetOf(input, kept ?? { log: {}, save: () => {} }),
        counted: ({ name }) => (kept ? countedOf(name, kept) : 0),
      });
      const ended = replaying.catch(() => {}).finally(() => underWay.delete(ended));
      underWay.add(ended);
      return replaying;
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}
