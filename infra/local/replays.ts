/** The stack's replays: each notes how far it is, and all of them end before the servers do. */
import { join } from 'node:path';
import { kinesisSink } from '../../shared/adapters/aws/kinesisSink.ts';
import { type Definitions, physicalStreamName } from './definitions.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { fleetingPlaces, keptPlaces } from './replayPlaces.ts';
import type { Clients } from './servers.ts';

export type StackReplay = Pick<ReplayOptions, 'inputs' | 'speed'> &
  Partial<Pick<ReplayOptions, 'signal' | 'onStored' | 'onReached'>>;

export interface Replays {
  replay(options: StackReplay): Promise<void>;
  /**
   * Ends replays early; resolves when every put under way has its answer. A connection that is closed before would
   * leave puts without one.
   */
  stop(): Promise<void>;
}

/** Throws CommandFailure where what the folder says of earlier replays cannot be read. */
export function createReplays(
  dataDirectory: string | undefined,
  definitions: Pick<Definitions, 'streams'>,
  clients: Pick<Clients, 'puts'>,
): Replays {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const kept =
    dataDirectory === undefined ? undefined : keptPlaces(join(dataDirectory, 'replay.json'));

  return {
    replay({ signal, onStored = () => {}, ...given }) {
      const places = kept ?? fleetingPlaces();
      const replaying = replay({
        ...given,
        onStored,
        signal: AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]),
        target: ({ name, stream }) => ({
          sink: kinesisSink(clients.puts, physicalStreamName(definitions, stream)),
          place: places(name),
        }),
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
