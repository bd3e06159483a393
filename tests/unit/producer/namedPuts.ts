/** Named producers on a stream in memory, and what their records say. */
import type { PutOutcome, SinkRecord } from '../../../shared/ports/recordSink.ts';
import { createNamedProducer } from '../../../shared/producer/namedProducer.ts';
import type { NamedProducerOptions } from '../../../shared/producer/options.ts';
import { readStamp, type Stamped } from '../../../shared/records/stamp.ts';
import { MemorySink } from './memorySink.ts';
import { eventsOf, testTime } from './producing.ts';

export const producerOn = (sink: MemorySink, options: Partial<NamedProducerOptions> = {}) =>
  createNamedProducer({ name: 'outbox', sink, ...testTime(), ...options });

export const stampOf = ({ data }: SinkRecord): Stamped => {
  const stamped = readStamp(Buffer.from(data));
  if (!stamped) throw new Error('the record has no stamp');
  return stamped;
};

/** The offsets and the lines of a record. */
export function contentOf(record: SinkRecord): [offset: number, line: string][] {
  const { body, next } = stampOf(record);
  const lines = body.toString().split('\n');
  return lines.map((line) => [Number(next()), line]);
}

export const offsetsIn = (record: SinkRecord) => contentOf(record).map(([offset]) => offset);

/** A sink on which a record that a test picks does not fare as it should. */
export class FaultySink extends MemorySink {
  outcomeOf: (record: SinkRecord, request: number) => PutOutcome | Error | undefined = () =>
    undefined;

  override async putRecords(records: readonly SinkRecord[]): Promise<readonly PutOutcome[]> {
    const request = this.requests.length;
    const picked = records.map((record) => this.outcomeOf(record, request));
    const failure = picked.find((each) => each instanceof Error);
    if (failure) {
      this.requests.push(records);
      throw failure;
    }
    const stored = await super.putRecords(records);
    return stored.map((outcome, i) => (picked[i] as PutOutcome | undefined) ?? outcome);
  }
}

export async function putNumbered(
  sink: MemorySink,
  count: number,
  options: Partial<NamedProducerOptions> = {},
) {
  const producer = producerOn(sink, options);
  for (const [i, { key, line }] of eventsOf(count, 20).entries()) {
    await producer.put(key, line, i + 1);
  }
  return producer.close();
}
