/** How files are to be read: options that `run` and `put` have in common. */
import { type Command, Option } from 'commander';
import { STREAM_FORMATS } from '../inputs/formats.ts';
import { TIME_UNITS, type TimeUnit } from '../inputs/lines/times.ts';
import type { InputOptions } from '../inputs/readInput.ts';
import { UsageError } from '../inputs/usageError.ts';
import type { StreamName } from '../shared/model/lane.ts';
import { repeatable } from './options.ts';
import { say } from './output/say.ts';

export const FILE_FORMS =
  'CSV, web logs or JSON, plain, gzip or zstd; - for standard input (docs/inputs.md)';

export interface InputFlags {
  readonly timeUnit: TimeUnit;
  readonly separator?: string;
  readonly header?: true;
  readonly columns: readonly string[];
}

export function addInputOptions(command: Command): void {
  command
    .addOption(timeUnitOption())
    .option('--separator <sign>', "between the columns of CSV files, such as ';' or tab", separator)
    .addOption(
      repeatable(
        '--columns <[stream=]a,b,c>',
        'what the columns of CSV files are, in order; - for one that is not read',
        "the header's, or the stream's own",
      ),
    )
    .option('--header', 'the first line of CSV files is a header, whatever its names');
}

export const timeUnitOption = (): Option =>
  new Option('--time-unit <unit>', 'of times in CSV files').choices(TIME_UNITS).default('s');

/** What is said of files of each stream. Throws UsageError for columns of a stream that is not read. */
export function inputOptionsOf(
  { timeUnit, separator, header, columns }: InputFlags,
  streams: readonly StreamName[],
): (stream: StreamName) => InputOptions {
  const byStream = new Map(columns.map((text) => columnsIn(text, streams)));
  if (byStream.size < columns.length) {
    throw new UsageError('--columns is given twice for a stream; give it once');
  }
  return (stream) => {
    const names = byStream.get(stream);
    return {
      timeUnit,
      ...(separator === undefined ? {} : { separator }),
      ...(header ? { header: 'first' } : {}),
      ...(names ? { columns: names } : {}),
      notice: (text) => say(`note: ${text}`),
    };
  };
}

function columnsIn(text: string, streams: readonly StreamName[]): [StreamName, string[]] {
  const [, named, names = ''] = /^(?:([a-z][a-z0-9-]*)=)?(.*)$/s.exec(text) ?? [];
  const [first = '', ...others] = streams;
  if (named === undefined && others.length > 0) {
    throw new UsageError(
      `--columns is "${text}", and the job reads ${streams.join(' and ')}; write STREAM=A,B,C`,
    );
  }
  const stream = named ?? first;
  if (!streams.includes(stream)) {
    throw new UsageError(`--columns is of "${stream}", and read are ${streams.join(', ')}`);
  }
  if (STREAM_FORMATS[stream]?.fileLines?.form !== 'csv') {
    throw new UsageError(`--columns is of CSV files, and "${stream}" has none`);
  }
  return [stream, names.split(',').map((name) => name.trim())];
}

/** For commander. */
function separator(text: string): string {
  const sign = text === 'tab' || text === '\\t' ? '\t' : text;
  if (/^[\t!#-/:-@[-`{-~]$/.test(sign) && !'-.'.includes(sign)) return sign;
  throw new UsageError(
    `--separator is "${text}"; give one sign that is no letter, digit or quote, such as ';', or tab`,
  );
}
