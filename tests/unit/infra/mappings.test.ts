/** All mappings of a stack: a stream that functions forward to is drained behind those that they read. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, expect, it } from 'vitest';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { type Mappings, startMappings } from '../../../infra/local/mappings.ts';
import { Wakeups } from '../../../infra/local/wakeups.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { fastTiming } from './fakeStream.ts';

const TURNS = 100;
const OWN = repartitionStreamOf(orderReconcile.usual) ?? '';
const running: Mappings[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

/** As much of Kinesis as a mapping asks: streams of one shard, by physical name. */
function fakeKinesis(streams: ReadonlyMap<string, string[]>): KinesisClient {
  const send = async ({ constructor: { name }, input }: Command) => {
    if (name === 'ListShardsCommand') return { Shards: [{ ShardId: 'shardId-0' }] };
    if (name === 'GetShardIteratorCommand') return { ShardIterator: `${input['StreamName']}/0` };
    const [stream = '', from = '0'] = String(input['ShardIterator']).split('/');
    const texts = streams.get(stream)?.slice(Number(from)) ?? [];
    const Records = texts.map((text, n) => ({
      SequenceNumber: String(Number(from) + n + 1),
      PartitionKey: 'k',
      Data: Buffer.from(text),
    }));
    const NextShardIterator = `${stream}/${Number(from) + texts.length}`;
    return { Records, NextShardIterator, MillisBehindLatest: 0 };
  };
  return { send } as unknown as KinesisClient;
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}

const streamNamed = (name: string) => ({ name, physicalName: `tidemark-local-${name}`, shards: 1 });

function functionOn(functionName: string, name: string) {
  const mapping = {
    name: `${functionName}/${name}`,
    functionName,
    stream: streamNamed(name),
    batchSize: 10,
    batchWindowSeconds: 0,
    startingPosition: 'TRIM_HORIZON',
    onPartialFailure: 'retryFromLowestReported',
    onError: 'bisect',
  } as const;
  const names = { name: functionName, physicalName: functionName, handler: '' };
  return { ...names, timeoutSeconds: 60, memoryMegabytes: 1, mappings: [mapping], schedules: [] };
}

it('what is forwarded while the sources are drained is read as well', async () => {
  const streams = new Map([
    ['tidemark-local-orders', ['a', 'b', 'c']],
    [`tidemark-local-${OWN}`, []],
  ]);
  const invoked: string[] = [];
  const mappings = startMappings({
    definitions: {
      region: 'us-east-1',
      streams: ['orders', OWN].map(streamNamed),
      // In any order.
      functions: [functionOn('orderReconcileKeyed', OWN), functionOn('orderReconcile', 'orders')],
    },
    clients: { kinesis: fakeKinesis(streams) },
    wakeups: new Wakeups(1_000),
    timing: fastTiming(),
    onFailure: (error) => {
      throw error;
    },
    async invoke(name, event) {
      const { Records } = event as { Records: { kinesis: { data: string } }[] };
      const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
      if (name === 'orderReconcile') {
        // Meanwhile the other stream is found empty more often than it takes to be drained.
        for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
        streams.get(`tidemark-local-${OWN}`)?.push(texts.join(''));
      }
      invoked.push(`${name} ${texts.join('')}`);
    },
  });
  running.push(mappings);
  await mappings.waitUntilDrained();
  expect(invoked).toEqual(['orderReconcile abc', 'orderReconcileKeyed abc']);
});
