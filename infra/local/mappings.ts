/** The event source mappings of a stack, of all its functions. */
import { join } from 'node:path';
import { repartitionStreamNames } from '../repartition.ts';
import { checkpointFile, checkpoints } from './checkpoints.ts';
import type { Definitions, MappingDefinition } from './definitions.ts';
import type { LocalFunctions } from './functions.ts';
import { kinesisEvent } from './kinesisEvent.ts';
import { kinesisSource } from './kinesisSource.ts';
import { type MappingRunner, runMapping } from './mappingRunner.ts';
import { realTiming } from './realTiming.ts';
import type { Clients } from './servers.ts';
import type { Timing } from './shardSource.ts';
import type { Wakeups } from './wakeups.ts';

export interface MappingsOptions {
  readonly definitions: Pick<Definitions, 'functions' | 'streams' | 'region'>;
  readonly clients: Pick<Clients, 'kinesis'>;
  readonly invoke: LocalFunctions['invoke'];
  /** Hears of every invocation that failed, under the function's name, and of every read of a stream. */
  readonly onFailure: (error: unknown, name: string) => void;
  readonly wakeups: Wakeups;
  /** The folder where it is kept how far each has come; without it nothing outlives the process. */
  readonly keptIn?: string;
  /** Of a server that the stack did not start. */
  readonly kinesisEndpoint?: string;
  readonly timing?: Timing;
}

export interface Mappings {
  /** Resolves when everything that is on the streams now is processed, and what functions forwarded of it as well. */
  waitUntilDrained(): Promise<void>;
  /** Resolves when no invocation of theirs is under way any more. */
  stop(): Promise<void>;
}

export function startMappings(options: MappingsOptions): Mappings {
  const { definitions, clients, invoke, onFailure, wakeups, keptIn, kinesisEndpoint } = options;
  const { timing = realTiming } = options;
  const kinesis = kinesisEndpoint === undefined ? 'Kinesis' : `--kinesis ${kinesisEndpoint}`;
  const positions = checkpoints(
    keptIn === undefined ? undefined : checkpointFile(join(keptIn, 'checkpoints.json')),
  );
  const sources = new Map(
    definitions.streams.map((stream) => [
      stream.name,
      kinesisSource(clients.kinesis, stream.physicalName),
    ]),
  );
  const start = (mapping: MappingDefinition): MappingRunner => {
    const { region } = definitions;
    const { functionName, stream } = mapping;
    const { physicalName: streamName } = stream;
    return runMapping(mapping, {
      source: sources.get(stream.name) ?? kinesisSource(clients.kinesis, streamName),
      checkpoints: positions,
      timing,
      wakeups,
      invoke: (shard, records) =>
        invoke(functionName, kinesisEvent(records, { region, streamName, shard })),
      onFailure: (error) => onFailure(error, functionName),
      onReadFailure: (error) => onFailure(error, kinesis),
    });
  };
  const all = definitions.functions.flatMap((each) => each.mappings);
  const own = repartitionStreamNames();
  const isOfForwarded = ({ stream }: MappingDefinition): boolean => own.has(stream.name);
  const ofSources = all.filter((each) => !isOfForwarded(each)).map(start);
  const ofForwarded = all.filter(isOfForwarded).map(start);
  return {
    async waitUntilDrained() {
      // What the first ones forward is there for the others by the time they are drained.
      for (const some of [ofSources, ofForwarded]) {
        await Promise.all(some.map((each) => each.waitUntilDrained()));
      }
    },
    async stop() {
      await Promise.all([...ofSources, ...ofForwarded].map((each) => each.stop()));
    },
  };
}
