/** What `npm start` puts on the streams: files, or the sample. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { generateEvents, SAMPLE } from '../../cli/generate/generateEvents.ts';
import { checkInput, readInput, type TimeUnit } from '../../cli/input/readInput.ts';
import { UsageError } from '../../cli/usageError.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { ReplayInput } from './replay.ts';

export interface CountedInputs {
  readonly inputs: readonly ReplayInput[];
  readonly events: number;
}

const SAMPLE_STREAM = 'user-behavior';

/** Throws UsageError where an input cannot be put, before anything is started. */
export async function inputsOf(
  texts: readonly string[],
  timeUnit: TimeUnit,
  streams: readonly StreamName[],
): Promise<CountedInputs> {
  if (texts.length === 0) return { inputs: [sample()], events: SAMPLE.events };
  const inputs: ReplayInput[] = [];
  let events = 0;
  for (const text of texts) {
    const { stream, file } = streamAndFile(text, streams);
    await checkInput(stream, file);
    const input = fileInput(stream, file, timeUnit);
    inputs.push(input);
    for await (const _ of input.events()) events += 1;
  }
  return { inputs, events };
}

function sample(): ReplayInput {
  return {
    name: `sample ${SAMPLE.seed}/${SAMPLE.events}`,
    stream: SAMPLE_STREAM,
    events: () => generateEvents(SAMPLE_STREAM, SAMPLE),
  };
}

function fileInput(stream: StreamName, file: string, timeUnit: TimeUnit): ReplayInput {
  return {
    // Another size is another file: what was put of the old one says nothing about it.
    name: `${stream}=${resolve(file)} (${statSync(file).size} bytes, ${timeUnit})`,
    stream,
    events: () => readInput(stream, file, { timeUnit }),
  };
}

function streamAndFile(text: string, streams: readonly StreamName[]) {
  const [, stream, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (stream === undefined || file === undefined) {
    throw new UsageError(`--input is "${text}"; write it as STREAM=FILE`);
  }
  if (!streams.includes(stream)) {
    throw new UsageError(`there is no stream "${stream}"; there are ${streams.join(', ')}`);
  }
  return { stream, file };
}
