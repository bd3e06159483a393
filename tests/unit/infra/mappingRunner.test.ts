import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkpointFile, checkpoints } from '../../../infra/local/checkpoints.ts';
import { fakeStream } from './fakeStream.ts';
import { oneShard, run, stopAll } from './mappingRun.ts';

afterEach(stopAll);

const failing = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('batches', () => {
  it('hold at most the batch size, in order', async () => {
    const { runner, batches } = run(oneShard('a', 'b', 'c', 'd', 'e', 'f'));
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b c d', 'e f']);
  });

  it('hold at most 6 MB of payload', async () => {
    const stream = fakeStream();
    stream.add('shardId-0');
    const megabyte = 'x'.repeat(1_000_000);
    stream.put('shardId-0', ...Array.from({ length: 6 }, () => megabyte));
    const sizes: number[] = [];
    const { runner } = run(stream, (texts) => void sizes.push(texts.length), {
      mapping: { batchSize: 100 },
    });
    await runner.waitUntilDrained();
    // A million bytes are 1.33 MB as base64.
    expect(sizes).toEqual([4, 2]);
  });

  it('wait for the batching window to fill', async () => {
    const { runner, batches, timing } = run(oneShard('a'));
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a']);
    expect(timing.now()).toBeGreaterThanOrEqual(1_000);
  });
});

describe('partial failures', () => {
  it('retry everything from the lowest reported record', async () => {
    let tries = 0;
    const stream = oneShard('a', 'b', 'c', 'd');
    const { runner, batches } = run(stream, (_, records) => {
      tries += 1;
      return tries === 1 ? failing(records[2]?.sequence, records[1]?.sequence) : failing();
    });
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b c d', 'b c d']);
  });

  it.each([
    ['an unknown', '12'],
    ['an empty', ''],
    ['a missing', undefined],
  ])('fail the whole batch for %s identifier', async (_, identifier) => {
    let tries = 0;
    const { runner, batches, failures } = run(
      oneShard('a', 'b'),
      () => {
        tries += 1;
        return tries === 1 ? failing(identifier) : undefined;
      },
      { mapping: { onError: 'retryWhole' } },
    );
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b', 'a b']);
    expect(failures).toHaveLength(1);
  });

  it.each([[null], [{}], [{ batchItemFailures: null }], [{ batchItemFailures: [] }]])(
    'are none for the response %j',
    async (response) => {
      const { runner, batches } = run(oneShard('a', 'b'), () => response);
      await runner.waitUntilDrained();
      expect(batches).toEqual(['a b']);
    },
  );

  it('are ignored where the mapping does not ask for them', async () => {
    const { runner, batches } = run(
      oneShard('a', 'b'),
      (_, records) => failing(records[0]?.sequence),
      { mapping: { onPartialFailure: 'ignoreResponse' } },
    );
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b']);
  });
});

describe('errors', () => {
  it('cut the batch in halves until the bad record stands alone, and keep the order', async () => {
    let isMended = false;
    const { runner, batches } = run(oneShard('a', 'b', 'bad', 'd'), (texts) => {
      if (texts.length === 1 && texts[0] === 'bad' && batches.length > 6) isMended = true;
      if (texts.includes('bad') && !isMended) throw new Error('no');
    });
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b bad d', 'a b', 'bad d', 'bad', 'bad', 'bad', 'bad', 'd']);
  });

  it('are retried without limit, with pauses that grow to ten seconds', async () => {
    let tries = 0;
    const { runner, timing, failures } = run(oneShard('a'), () => {
      tries += 1;
      if (tries <= 50) throw new Error('throttled');
    });
    await runner.waitUntilDrained();
    expect(failures).toHaveLength(50);
    expect(Math.max(...timing.slept)).toBe(10_000);
  });

  it('of reads are retried as well', async () => {
    const stream = oneShard('a', 'b');
    stream.failOnce();
    const { runner, batches, failures, readFailures } = run(stream);
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a b']);
    expect(readFailures).toHaveLength(1);
    expect(failures).toEqual([]);
  });
});

describe('resharding', () => {
  it('starts child shards once their parents are drained', async () => {
    const stream = oneShard('p1', 'p2', 'p3', 'p4', 'p5');
    stream.close('shardId-0');
    stream.add('shardId-1', ['shardId-0']);
    stream.add('shardId-2', ['shardId-0']);
    stream.put('shardId-1', 'c1');
    stream.put('shardId-2', 'c2');
    const { runner, batches } = run(stream);
    await runner.waitUntilDrained();
    expect(batches.slice(0, 2)).toEqual(['p1 p2 p3 p4', 'p5']);
    expect(batches.slice(2).sort()).toEqual(['c1', 'c2']);
  });

  it('waits for both parents of a merge', async () => {
    const stream = oneShard('a');
    stream.add('shardId-1');
    stream.put('shardId-1', 'b');
    stream.close('shardId-0');
    stream.close('shardId-1');
    stream.add('shardId-2', ['shardId-0', 'shardId-1']);
    stream.put('shardId-2', 'child');
    const { runner, batches } = run(stream, (texts) => {
      if (texts.includes('b') && batches.length < 5) throw new Error('slow parent');
    });
    await runner.waitUntilDrained();
    expect(batches.at(-1)).toBe('child');
    expect(batches.filter((batch) => batch === 'child')).toHaveLength(1);
  });

  it('does not wait for parents that the stream has forgotten', async () => {
    const stream = fakeStream();
    stream.add('shardId-9', ['shardId-3']);
    stream.put('shardId-9', 'a');
    const { runner, batches } = run(stream);
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a']);
  });
});

describe('a restart', () => {
  it('goes on behind the last processed record, from the file', async () => {
    const file = () => checkpoints(checkpointFile(join(folder, 'checkpoints.json')));
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
    const stream = oneShard('a', 'b', 'c', 'd', 'e');
    const first = run(stream, undefined, { positions: file() });
    await first.runner.waitUntilDrained();
    await first.runner.stop();
    stream.put('shardId-0', 'f');
    const second = run(stream, undefined, { positions: file() });
    await second.runner.waitUntilDrained();
    expect(second.batches).toEqual(['f']);
  });

  it('delivers again what was under way, and not what a partial failure had confirmed', async () => {
    const positions = checkpoints();
    const stream = oneShard('a', 'b', 'c', 'd');
    let invoked: () => void = () => {};
    const secondTry = new Promise<void>((resolve) => {
      invoked = resolve;
    });
    const first = run(
      stream,
      (texts, records) => {
        if (texts.length === 4) return failing(records[2]?.sequence);
        invoked();
        throw new Error('killed');
      },
      { positions },
    );
    await secondTry;
    await first.runner.stop();
    const second = run(stream, undefined, { positions });
    await second.runner.waitUntilDrained();
    expect(second.batches).toEqual(['c d']);
  });

  it('does not read a drained shard again', async () => {
    const positions = checkpoints();
    const stream = oneShard('a');
    stream.close('shardId-0');
    const first = run(stream, undefined, { positions });
    await first.runner.waitUntilDrained();
    await first.runner.stop();
    const second = run(stream, undefined, { positions });
    await second.runner.waitUntilDrained();
    expect(second.batches).toEqual([]);
  });
});
