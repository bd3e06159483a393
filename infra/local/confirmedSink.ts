/**
 * A record sink that looks before it lets a put be repeated: where a reply is lost, the shard itself says what was stored.
 *
 * A server that shares its processor may take many seconds to answer, and a connection may end in between. The records
 * of such a request are looked for behind what is known of their shards, again and again for a while, since the request may still
 * be on its way. What is not there then is reported as unknown, and its producer puts it again.
 */
import { UnknownOutcomeError } from '../../shared/errors.ts';
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';
import { shardOfHash, shardRanges } from '../../shared/model/shardRanges.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../../shared/ports/recordSink.ts';
import { recordsAfter, type ShardSource, type Timing } from './shardSource.ts';

export interface Confirmation {
  readonly source: ShardSource;
  readonly timing: Timing;
  /** The shard's last record that was there before the put; undefined where it was empty. */
  endOf(shard: ShardId): SequenceNumber | undefined;
}

/** A put without a reply is taken for lost after this. */
const PATIENCE_MS = 30_000;
const LOOK_MS = { first: 100, max: 3_000 } as const;

export function confirmedSink(sink: RecordSink, confirmation: Confirmation): RecordSink {
  return {
    listShards: () => sink.listShards(),
    async putRecords(records) {
      try {
        return await sink.putRecords(records);
      } catch (error) {
        if (!(error instanceof UnknownOutcomeError)) throw error;
        return whatBecameOf(records, error.message, sink, confirmation);
      }
    },
  };
}

async function whatBecameOf(
  records: readonly SinkRecord[],
  reason: string,
  sink: RecordSink,
  confirmation: Confirmation,
): Promise<readonly PutOutcome[]> {
  const { timing } = confirmation;
  const found = new Map<SinkRecord, PutOutcome>();
  const giveUpAt = timing.now() + PATIENCE_MS;
  for (let wait: number = LOOK_MS.first; ; wait = Math.min(2 * wait, LOOK_MS.max)) {
    for (const record of records) {
      // A look that fails has seen nothing; there is another one.
      const outcome = found.get(record) ?? (await find(record, sink, confirmation).catch(nothing));
      if (outcome) found.set(record, outcome);
    }
    if (found.size === records.length || timing.now() >= giveUpAt) break;
    await timing.sleep(wait, NEVER);
  }
  return records.map((record) => found.get(record) ?? { kind: 'unknown', reason });
}

const nothing = () => undefined;
const NEVER = new AbortController().signal;

async function find(
  record: SinkRecord,
  sink: RecordSink,
  { source, endOf }: Confirmation,
): Promise<PutOutcome | undefined> {
  const ranges = shardRanges(await sink.listShards());
  if (!ranges) return undefined;
  const { shard } = shardOfHash(BigInt(record.explicitHashKey), ranges);
  const behind = await recordsAfter(source, shard, endOf(shard));
  const found = behind.find(({ data }) => Buffer.compare(data, record.data) === 0);
  return found && { kind: 'stored', shard, sequence: found.sequence };
}
