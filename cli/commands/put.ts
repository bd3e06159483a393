/** `put`: a file's events onto a stream, packed. */
import type { Command } from 'commander';
import { STREAM_FORMATS } from '../../inputs/formats.ts';
import { checkInput, type InputEvent, readInput } from '../../inputs/readInput.ts';
import { kinesisSink } from '../../shared/adapters/aws/kinesisSink.ts';
import { PoisonEventError } from '../../shared/errors.ts';
import type { Undelivered } from '../../shared/producer/options.ts';
import { createProducer } from '../../shared/producer/producer.ts';
import { connect } from '../connect.ts';
import { CommandFailure } from '../failure.ts';
import { addInputOptions, FILE_FORMS, type InputFlags, inputOptionsOf } from '../inputOptions.ts';
import { stageOption } from './stage.ts';

const DELIVERY_TIMEOUT_MS = 30_000;

export function addPut(program: Command): void {
  const command = program.command('put');
  command
    .summary("put a file's events on a stream")
    .description("Puts a file's events on a stream, packed, in the file's order.")
    .argument('<stream>', `one of ${Object.keys(STREAM_FORMATS).join(', ')}`)
    .argument('<file>', FILE_FORMS)
    .addOption(stageOption())
    .action(put);
  addInputOptions(command);
}

async function put(
  stream: string,
  file: string,
  flags: InputFlags & { stage: string },
): Promise<void> {
  const options = inputOptionsOf(flags, [stream])(stream);
  await checkInput(stream, file, options, 'filesAndPipes');
  const { events, records, shards, maybeTwice } = await putEvents(
    connect(flags.stage),
    stream,
    readInput(stream, file, options),
  );
  console.log(
    `${counted(events, 'event')} put in ${counted(records, 'record')} on ${counted(shards, 'shard')}`,
  );
  if (maybeTwice > 0) console.error(`warning: ${twice(maybeTwice)}`);
}

/** What was put again although its first put, without a reply, may have succeeded. */
const twice = (events: number): string =>
  `${counted(events, 'event')} had no reply and were put again: they may be there twice`;

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Puts events on a stream of the connection's stage and waits until they are stored.
 * Throws CommandFailure where some could not be: how many, and why the first of them.
 */
export async function putEvents(
  { kinesis, nameOf }: Pick<ReturnType<typeof connect>, 'kinesis' | 'nameOf'>,
  stream: string,
  events: AsyncIterable<Pick<InputEvent, 'line' | 'partitionKey'>>,
): Promise<{ events: number; records: number; shards: number; maybeTwice: number }> {
  const sink = kinesisSink(kinesis, nameOf(stream));
  // Asked before anything is read: a server that is not there should be said at once.
  await sink.listShards();
  const shards = new Set<string>();
  const problems: string[] = [];
  let records = 0;
  let maybeTwice = 0;
  const producer = createProducer({
    sink,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    onAcknowledged: ({ shard }) => {
      records += 1;
      shards.add(shard);
    },
    onRepeated: (repeated) => {
      maybeTwice += repeated.events;
    },
    onUndelivered: ({ reason }: Undelivered) => problems.push(reason),
  });
  let refused = 0;
  try {
    for await (const { line, partitionKey } of events) {
      await producer.put(partitionKey, line).catch((error: unknown) => {
        if (!(error instanceof PoisonEventError)) throw error;
        refused += 1;
        problems.push(error.message);
      });
    }
  } finally {
    // Also where the input ends in an error: what was read before it is put.
    await producer.close();
  }
  const { acknowledged, undelivered } = await producer.close();
  const lost = undelivered + refused;
  if (lost > 0) {
    throw new CommandFailure(
      `${acknowledged} events are put, ${lost} could not be; the first because ${problems[0]}${
        maybeTwice > 0 ? `; ${twice(maybeTwice)}` : ''
      }`,
    );
  }
  return { events: acknowledged, records, shards: shards.size, maybeTwice };
}
