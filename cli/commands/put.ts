/** `put`: a file's events onto a stream, packed. */
import type { Command } from 'commander';
import { shownName } from '../../inputs/files/bytes.ts';
import { STREAM_FORMATS } from '../../inputs/formats.ts';
import {
  checkInput,
  type InputEvent,
  type InputOptions,
  readInput,
} from '../../inputs/readInput.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { kinesisSink } from '../../shared/adapters/aws/kinesisSink.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import { PoisonEventError } from '../../shared/errors.ts';
import { counted } from '../../shared/model/counted.ts';
import type { Undelivered } from '../../shared/producer/options.ts';
import { createProducer } from '../../shared/producer/producer.ts';
import { checkedAhead, EventCheck } from '../checkEvents.ts';
import { connect } from '../connect.ts';
import { CommandFailure } from '../failure.ts';
import { addInputOptions, FILE_FORMS, type InputFlags, inputOptionsOf } from '../inputOptions.ts';
import { wholeNumberOption } from '../options.ts';
import { say } from '../output/say.ts';
import { PutLog } from '../putLog.ts';
import { stageOption } from './stage.ts';

const DELIVERY_TIMEOUT_MS = 30_000;

interface PutFlags extends InputFlags {
  readonly stage: string;
  readonly check: boolean;
  readonly dryRun?: true;
  readonly fromLine: number;
}

export function addPut(program: Command): void {
  const command = program.command('put');
  command
    .summary("put a file's events on a stream")
    .description(
      "Puts a file's events on a stream, packed, in the file's order, after a look whether they are events of it.",
    )
    .argument('<stream>', `one of ${Object.keys(STREAM_FORMATS).join(', ')}`)
    .argument('<file>', FILE_FORMS)
    .option('--no-check', 'put at once, without the look at the events')
    .option('--dry-run', 'look at the events and put none')
    .option(
      '--from-line <n>',
      'leave out what begins on an earlier line',
      wholeNumberOption('--from-line', 1, Number.MAX_SAFE_INTEGER),
      1,
    )
    .addOption(stageOption())
    .action(put);
  addInputOptions(command);
}

async function put(stream: string, file: string, flags: PutFlags): Promise<void> {
  const options = inputOptionsOf(flags, [stream])(stream);
  const kind = await checkInput(stream, file, options, 'filesAndPipes');
  const check = new EventCheck({ stream, file, options, kind }, systemClock.now());
  const verdict = async () => {
    const text = await check.verdict();
    if (text !== undefined) say(text);
  };
  const { notice: _, ...quietly } = options;
  const events = (how: InputOptions) => fromLine(readInput(stream, file, how), flags.fromLine);
  if (flags.dryRun || (flags.check && kind === 'file')) {
    await lookAt(events(options), check);
    await verdict();
    if (flags.dryRun) {
      console.log(`${counted(check.events, 'event')} would be put`);
      return;
    }
    return putAndSay(stream, file, flags.stage, events(quietly));
  }
  const checked = flags.check ? checkedAhead(events(options), check, verdict) : events(options);
  return putAndSay(stream, file, flags.stage, checked);
}

/** Throws UsageError where the file cannot be read to its end: then nothing is put, and nothing counts twice. */
async function lookAt(events: AsyncIterable<InputEvent>, check: EventCheck): Promise<void> {
  try {
    for await (const event of events) check.take(event);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`nothing is put: ${error.message}`);
  }
}

async function* fromLine(
  events: AsyncIterable<InputEvent>,
  least: number,
): AsyncGenerator<InputEvent> {
  for await (const event of events) if ((event.lineNumber ?? least) >= least) yield event;
}

async function putAndSay(
  stream: string,
  file: string,
  stage: string,
  events: AsyncIterable<InputEvent>,
): Promise<void> {
  const put = await putEvents(connect(stage), stream, events, shownName(file));
  const { records, shards, maybeTwice } = put;
  console.log(
    `${counted(put.events, 'event')} put in ${counted(records, 'record')} on ${counted(shards, 'shard')}`,
  );
  if (maybeTwice > 0) say(`warning: ${twice(maybeTwice)}`);
}

/** What was put again although its first put, without a reply, may have succeeded. */
const twice = (events: number): string =>
  `${counted(events, 'event')} had no reply and were put again: they may be there twice`;

type Puttable = Pick<InputEvent, 'line' | 'partitionKey' | 'lineNumber'>;

/**
 * Puts events on a stream of the connection's stage and waits until they are stored. Reads no further once some could not be.
 * Throws CommandFailure where some could not be, or could not be read: how many are surely there, why the first of the others is
 * not, and from which line of `file` to go on.
 */
export async function putEvents(
  { kinesis, nameOf }: Pick<ReturnType<typeof connect>, 'kinesis' | 'nameOf'>,
  stream: string,
  events: AsyncIterable<Puttable>,
  file?: string,
): Promise<{ events: number; records: number; shards: number; maybeTwice: number }> {
  const sink = kinesisSink(kinesis, nameOf(stream));
  // Asked before anything is read: a server that is not there should be said at once.
  await sink.listShards();
  const shards = new Set<string>();
  const log = new PutLog(file);
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
    onUndelivered: (undelivered: Undelivered) => log.lose(undelivered),
  });
  const putOne = async (event: Puttable): Promise<void> => {
    const data = log.take(event);
    await producer.put(event.partitionKey, data).catch((error: unknown) => {
      if (!(error instanceof PoisonEventError)) throw error;
      log.refuse(event, error.message);
    });
  };
  let unread: unknown;
  try {
    for await (const event of events) {
      await putOne(event);
      if (log.hasLost) break;
    }
  } catch (error) {
    unread = error;
  }
  // Also where the input ends in an error: what was read before it is put.
  const { acknowledged } = await producer.close();
  // With nothing read, nothing is on the stream: the error says it all.
  if (unread !== undefined && log.isEmpty) throw unread;
  const problem = log.problem(acknowledged, unread);
  if (problem !== undefined) {
    throw new CommandFailure(maybeTwice > 0 ? `${problem}; ${twice(maybeTwice)}` : problem);
  }
  return { events: acknowledged, records, shards: shards.size, maybeTwice };
}
