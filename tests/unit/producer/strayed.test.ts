/** Records of named producers that a resharding put on other shards than planned. */
import { describe, expect, it } from 'vitest';
import { MemorySink } from './memorySink.ts';
import { offsetsIn, producerOn } from './namedPuts.ts';

describe('a record that lands on another shard than planned', () => {
  const putAround = async (from: number, reshard: (sink: MemorySink) => void) => {
    const sink = new MemorySink(from);
    const acknowledged: string[] = [];
    const onAcknowledged = ({ shard }: { shard: string }) => void acknowledged.push(shard);
    const producer = producerOn(sink, { onAcknowledged });
    await producer.put('k', '{}', 1);
    await producer.flush();
    reshard(sink);
    await producer.put('k', '{}', 2);
    await producer.flush();
    await producer.put('k', '{}', 3);
    expect(await producer.close()).toEqual({ acknowledged: 3, undelivered: 0 });
    return { offsets: sink.records.flatMap(offsetsIn), acknowledged };
  };

  it('is not put again where that shard takes all that it was planned for', async () => {
    const { offsets, acknowledged } = await putAround(2, (sink) => sink.reshard(1, 'merged'));
    expect(offsets).toEqual([1, 2, 3]);
    const [, ...others] = acknowledged;
    expect(others).toEqual(['merged-shardId-000000000000', 'merged-shardId-000000000000']);
  });

  it('is put again where that shard takes a part of it', async () => {
    const { offsets } = await putAround(1, (sink) => sink.reshard(2, 'split'));
    expect(offsets).toEqual([1, 2, 2, 3]);
  });
});
