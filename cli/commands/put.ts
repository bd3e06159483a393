/**
 * `put`: a file's events onto a stream, packed, each once. It puts as a named producer, says the name first, and whatever ends it
 * before its time, the same file put again by that name finishes it.
 */
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
import { systemClock } from '../../shared/adapters/systemClock.ts';
import { counted } from '../../shared/model/counted.ts';
import type { ProducerName } from '../../shared/records/stamp.ts';
import { checkedAhead, EventCheck } from '../checkEvents.ts';
import { connect } from '../connect.ts';
import { CommandFailure, Interrupted } from '../failure.ts';
import { addInputOptions, FILE_FORMS, inputOptionsOf } from '../inputOptions.ts';
import { wholeNumberOption } from '../options.ts';
import { say } from '../output/say.ts';
import { beginPut } from '../puts/beginPut.ts';
import { type NumberedEvent, numbered, putNamed } from '../puts/putEvents.ts';
import { putText } from '../puts/putLog.ts';
import {
  finishText,
  freshName,
  type PutCall,
  type PutFlags,
  resumeOption,
} from '../puts/resuming.ts';
import { stopOnSignals } from '../stopOnSignals.ts';
import { stageOption } from './stage.ts';

export function addPut(program: Command): void {
  const command = program.command('put');
  command
    .summary("put a file's events on a stream")
    .description(
      "Puts a file's events on a stream, packed, in the file's order, after a look whether they are events of it. " +
        'It says first how to finish it, should it break off: what is put already counts once.',
    )
    .argument('<stream>', `one of ${Object.keys(STREAM_FORMATS).join(', ')}`)
    .argument('<file>', FILE_FORMS)
    .option('--no-check', 'put at once, without the look at the events')
    .option('--dry-run', 'look at the events and put none')
    .option(
      '--resume <name>',
      'finish the put of that name: what it has put counts once',
      resumeOption,
    )
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

type FileEvents = AsyncGenerator<NumberedEvent<InputEvent>>;

async function put(stream: string, file: string, flags: PutFlags): Promise<void> {
  const options = inputOptionsOf(flags, [stream])(stream);
  const kind = await checkInput(stream, file, options, 'filesAndPipes');
  const check = new EventCheck({ stream, file, options, kind }, systemClock.now());
  const verdict = async () => {
    const text = await check.verdict();
    if (text !== undefined) say(text);
  };
  const { notice: _, ...quietly } = options;
  const events = (how: InputOptions) =>
    fromLine(numbered(readInput(stream, file, how)), flags.fromLine);
  const call: PutCall = { stream, file, kind, flags };
  if (flags.dryRun || (flags.check && kind === 'file')) {
    await lookAt(events(options), check);
    await verdict();
    if (flags.dryRun) {
      console.log(`${counted(check.events, 'event')} would be put`);
      return;
    }
    return putAndSay(call, events(quietly));
  }
  const checked = flags.check ? checkedAhead(events(options), check, verdict) : events(options);
  return putAndSay(call, checked);
}

/** Throws UsageError where the file cannot be read to its end: then nothing is put. */
async function lookAt(events: AsyncIterable<InputEvent>, check: EventCheck): Promise<void> {
  try {
    for await (const event of events) check.take(event);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`nothing is put: ${error.message}`);
  }
}

async function* fromLine(events: FileEvents, least: number): FileEvents {
  for await (const event of events) if ((event.lineNumber ?? least) >= least) yield event;
}

const STOPPING = 'stopping: what is read is still put; Ctrl-C again ends it at once';

/** Throws CommandFailure, or Interrupted, where not all could be put: how many are, why no more, and how to finish it. */
async function putAndSay(call: PutCall, events: FileEvents): Promise<void> {
  const { stream, file, flags } = call;
  const connection = connect(flags.stage);
  const name: ProducerName = flags.resume ?? freshName(systemClock.now());
  const begun = await beginPut(call, name, connection);
  const stopping = stopOnSignals(() => say(STOPPING));
  try {
    const { signal } = stopping;
    const putting = putNamed(connection, stream, events, { name, file: shownName(file), signal });
    const report = await begun.until(putting);
    const { problem = putText(report.events), ending } = report;
    if (ending !== 'whole') {
      const finish = finishText(call, name);
      if (signal.aborted) throw new Interrupted(`interrupted: ${problem}; ${finish}`);
      const how = ending === 'unread' ? `mend it there, and ${finish}` : finish;
      throw new CommandFailure(`${problem}; ${how}`);
    }
    if (report.problem !== undefined) throw new CommandFailure(report.problem);
    const { records, shards } = report;
    console.log(
      `${counted(report.events, 'event')} put in ${counted(records, 'record')} on ${counted(shards, 'shard')}`,
    );
  } finally {
    stopping.release();
  }
}
