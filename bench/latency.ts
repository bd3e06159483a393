/**
 * How long it takes from a receipt to its row, over a repartition stream: in real time, on the local stack, whose mappings gather records
 * for as long as those of a deployment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { physicalStreamName } from '../infra/local/definitions.ts';
import { clientsOf } from '../infra/local/servers.ts';
import { type Stack, startStack } from '../infra/local/stack.ts';
import { kinesisSink } from '../shared/adapters/aws/kinesisSink.ts';
import { createProducer } from '../shared/producer/producer.ts';
import { type Row, rowsIn } from './report.ts';

const row = rowsIn('latency');

/** Transactions a second. */
const RATE = 20;
const LOOK_EVERY_MS = 200;

/** @param windows seconds for which a mapping gathers records, and within how many a row is expected */
export async function measureLatency(
  windows: readonly (readonly [windowSeconds: number, budgetSeconds: number])[],
  forSeconds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [windowSeconds, budgetSeconds] of windows) {
    const seconds = (await latencies(windowSeconds, forSeconds)).sort((a, b) => a - b);
    const at = (share: number) => seconds[Math.floor((seconds.length - 1) * share)] ?? 0;
    const what = `receipt to row, windows of ${windowSeconds} s twice`;
    rows.push(
      row(what, at(0.5), 's, median'),
      row(what, at(1), 's, the slowest', {
        atMost: budgetSeconds,
        note: `${seconds.length} transactions, ${RATE} a second`,
      }),
    );
  }
  return rows;
}

async function latencies(batchWindowSeconds: number, forSeconds: number): Promise<number[]> {
  const stack = await startStack({ shards: 2, batchWindowSeconds });
  try {
    const count = forSeconds * RATE;
    const seenAt = new Map<string, number>();
    const putting = putTransactions(stack, count);
    while (seenAt.size < count) {
      await sleep(LOOK_EVERY_MS);
      const now = performance.now();
      for (const { txId, status } of await stack.rows('reconciliation')) {
        if (status === 'matched' && !seenAt.has(String(txId))) seenAt.set(String(txId), now);
      }
    }
    const putAt = await putting;
    return [...putAt].map(([txId, at]) => ((seenAt.get(txId) ?? 0) - at) / 1_000);
  } finally {
    await stack.stop();
  }
}

/** When the receipt of each was put, in ms. */
async function putTransactions(stack: Stack, count: number): Promise<ReadonlyMap<string, number>> {
  const { definitions, endpoints } = stack;
  const { puts, kinesis, dynamo } = clientsOf(endpoints, definitions.region);
  try {
    const producerOf = (stream: string) =>
      createProducer({ sink: kinesisSink(puts, physicalStreamName(definitions, stream)) });
    const orders = producerOf('orders');
    const receipts = producerOf('receipts');
    const putAt = new Map<string, number>();
    const start = performance.now();
    for (let n = 0; n < count; n += 1) {
      await sleep(Math.max(0, start + (n * 1_000) / RATE - performance.now()));
      const txId = `t${n}`;
      const timestamp = Date.now();
      const pay = { orderId: `o${n}`, type: 'pay', txId, timestamp };
      const receipt = { txId, channel: 'wechat', timestamp };
      putAt.set(txId, performance.now());
      await orders.put(pay.orderId, JSON.stringify(pay));
      await receipts.put(txId, JSON.stringify(receipt));
      await Promise.all([orders.flush(), receipts.flush()]);
    }
    return putAt;
  } finally {
    for (const client of [puts, kinesis, dynamo]) client.destroy();
  }
}
