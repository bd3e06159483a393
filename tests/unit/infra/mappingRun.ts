/** A mapping runner on a stream in memory. */
import { type Checkpoints, checkpoints } from '../../../infra/local/checkpoints.ts';
import type { MappingDefinition } from '../../../infra/local/definitions.ts';
import { type MappingRunner, runMapping } from '../../../infra/local/mappingRunner.ts';
import type { SourceRecord } from '../../../infra/local/shardSource.ts';
import { Wakeups } from '../../../infra/local/wakeups.ts';
import { type FakeStream, fakeStream, fastTiming } from './fakeStream.ts';

const MAPPING: MappingDefinition = {
  name: 'hotItems/user-behavior',
  functionName: 'hotItems',
  stream: { name: 'user-behavior', physicalName: 'tidemark-local-user-behavior', shards: 1 },
  batchSize: 4,
  batchWindowSeconds: 1,
  startingPosition: 'TRIM_HORIZON',
  onPartialFailure: 'retryFromLowestReported',
  onError: 'bisect',
};

type Handle = (texts: readonly string[], records: readonly SourceRecord[]) => unknown;

const running: MappingRunner[] = [];

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
}

interface Run {
  readonly runner: MappingRunner;
  /** What every invocation was given, whether it succeeded or not. */
  readonly batches: string[];
  readonly failures: unknown[];
  readonly readFailures: unknown[];
  readonly timing: ReturnType<typeof fastTiming>;
}

export function run(
  stream: FakeStream,
  handle: Handle = () => undefined,
  options: {
    mapping?: Partial<MappingDefinition>;
    positions?: Checkpoints;
    wakeups?: Wakeups;
    timing?: ReturnType<typeof fastTiming>;
  } = {},
): Run {
  const batches: string[] = [];
  const failures: unknown[] = [];
  const readFailures: unknown[] = [];
  const timing = options.timing ?? fastTiming();
  const runner = runMapping(
    { ...MAPPING, ...options.mapping },
    {
      source: stream,
      checkpoints: options.positions ?? checkpoints(),
      wakeups: options.wakeups ?? new Wakeups(1_000),
      timing,
      async invoke(_shard, records) {
        const texts = records.map(({ data }) => Buffer.from(data).toString());
        batches.push(texts.join(' '));
        return handle(texts, records);
      },
      onFailure: (error) => failures.push(error),
      onReadFailure: (error) => readFailures.push(error),
    },
  );
  running.push(runner);
  return { runner, batches, failures, readFailures, timing };
}

export function oneShard(...texts: string[]): FakeStream {
  const stream = fakeStream();
  stream.add('shardId-0');
  stream.put('shardId-0', ...texts);
  return stream;
}
