/** Values of options and arguments, checked: what is wrong becomes one line that says what to write instead. */
import { Option } from 'commander';
import { JOBS } from '../functions/jobs.ts';
import type { JobFamily, WindowJob } from '../shared/job/job.ts';
import type { ParameterTexts } from '../shared/job/parameters.ts';
import type { StreamName } from '../shared/model/lane.ts';
import type { ShownTable } from './output/rows.ts';
import { UsageError } from './usageError.ts';

export type OutputFormat = 'table' | 'json';
export const OUTPUT_FORMATS = ['table', 'json'] as const;

/** For commander: a parser of whole numbers in a range. */
export function wholeNumberOption(name: string, min: number, max: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`${name} is "${text}"; give a whole number from ${min} to ${max}`);
  };
}

/** An option whose values are collected; `absent` says in the help what none at all means. */
export const repeatable = (flags: string, about: string, absent: string): Option =>
  new Option(flags, about)
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], absent);

export function familyOf(name: string): JobFamily {
  const family = JOBS.find((each) => each.name === name);
  if (family) return family;
  throw new UsageError(
    `there is no job "${name}"; there are ${JOBS.map((each) => each.name).join(', ')}`,
  );
}

export const jobOf = (name: string): WindowJob => familyOf(name).build();

export function tableOf(name: string): ShownTable {
  const tables = JOBS.map((family) => shownTable(family.build()));
  const table = tables.find((each) => each.name === name);
  if (table) return table;
  throw new UsageError(
    `there is no result table "${name}"; there are ${tables.map((each) => each.name).join(', ')}`,
  );
}

export const shownTable = ({ table }: WindowJob): ShownTable => ({
  ...table,
  sortKey: 'windowEnd',
});

/** `name=value` texts. */
export function parameterTexts(texts: readonly string[]): ParameterTexts {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(`--param is "${text}"; write it as name=value`);
      }
      return [name, value];
    }),
  );
}

export interface InputFile {
  readonly stream: StreamName;
  readonly file: string;
}

/** `FILE` for the job's only stream, or `STREAM=FILE`. A file with `=` in its name is written `./a=b`. */
export function inputFile(text: string, streams: readonly StreamName[]): InputFile {
  const [, named, rest] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? [];
  const [first] = streams;
  const stream = named ?? first;
  const file = named === undefined ? text : (rest ?? '');
  if (stream === undefined || !streams.includes(stream)) {
    throw new UsageError(`the job does not read "${stream}"; it reads ${streams.join(', ')}`);
  }
  if (file === '') throw new UsageError(`--input is "${text}"; write FILE or STREAM=FILE`);
  return { stream, file };
}
