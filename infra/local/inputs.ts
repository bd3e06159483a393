/** What `npm start` puts on the streams: files, or the sample. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  GENERATED_STREAMS,
  generateEvents,
  sampleOf,
} from '../../inputs/generate/generateEvents.ts';
import { checkInput, readInput, type TimeUnit } from '../../inputs/readInput.ts';
import { UsageError } from '../../inputs/usageError.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { repartitionStreamNames } from '../repartition.ts';
import type { Definitions } from './definitions.ts';
import type { ReplayInput } from './replay.ts';

export interface CountedInputs {
  readonly inputs: readonly ReplayInput[];
  readonly events: number;
}

/**
 * The files that the texts name; without any, the samples of those streams that a function reads, if they have one. Throws UsageError where an
 * input cannot be put, before anything is started.
 */
export async function inputsOf(
  texts: readonly string[],
  timeUnit: TimeUnit,
  definitions: Pick<Definitions, 'streams' | 'functions'>,
): Promise<CountedInputs> {
  if (texts.length === 0) {
    return samples(streamsRead(definitions).filter((each) => GENERATED_STREAMS.includes(each)));
  }
  // Nobody but the jobs whose they are puts anything on the others.
  const own = repartitionStreamNames();
  const streams = definitions.streams.map(({ name }) => name).filter((name) => !own.has(name));
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

function streamsRead({ functions }: Pick<Definitions, 'functions'>): StreamName[] {
  const mappings = functions.flatMap((each) => each.mappings);
  return [...new Set(mappings.map(({ stream }) => stream.name))];
}

function samples(streams: readonly StreamName[]): CountedInputs {
  const inputs = streams.map((stream) => {
    const sample = sampleOf(stream);
    return {
      name: `sample of ${stream}, ${sample.events} events of seed ${sample.seed}, an evening`,
      stream,
      events: () => generateEvents(stream, sample),
    };
  });
  const events = streams.reduce((sum, stream) => sum + sampleOf(stream).events, 0);
  return { inputs, events };
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
