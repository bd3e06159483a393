/** Values of options and arguments, checked: what is wrong becomes one line that says what to write instead. */
import { Option } from 'commander';
import { JOBS } from '../functions/jobs.ts';
import { UsageError } from '../inputs/usageError.ts';
import type { Job, JobFamily } from '../shared/job/job.ts';
import type { ParameterTexts } from '../shared/job/parameters.ts';
import { shortNameAmong, type TableOfJob, tablesOfJob } from '../shared/job/tableOfJob.ts';
import type { StreamName } from '../shared/model/lane.ts';

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

/** The job of that name, or of that name and version: of two versions, the plain name means the first in the list. */
export function familyOf(name: string): JobFamily {
  const family = JOBS.find((each) => [each.name, idOf(each)].includes(name));
  if (family) return family;
  const names = JOBS.map(shortNameOf).join(', ');
  throw new UsageError(`there is no job "${name}"; there are ${names}`);
}

const idOf = (family: JobFamily): string => family.build().id;

/** What tells it from all others. */
export const shortNameOf = (family: JobFamily): string => shortNameAmong(JOBS, family);

/** How help names the jobs. */
export const JOB_ARGUMENT = `one of ${JOBS.map(shortNameOf).join(', ')}`;

export const jobOf = (name: string): Job => familyOf(name).build();

export const resultTablesOf = (families: readonly JobFamily[]): readonly TableOfJob[] =>
  families.flatMap(({ usual }) => tablesOfJob(usual));

export const RESULT_TABLES = resultTablesOf(JOBS);

export function tableOf(name: string): TableOfJob {
  const table = RESULT_TABLES.find((each) => each.name === name);
  if (table) return table;
  const names = RESULT_TABLES.map((each) => each.name).join(', ');
  throw new UsageError(`there is no result table "${name}"; there are ${names}`);
}

/** `name=value` texts. Throws UsageError for a name that comes twice: which value is meant, nobody knows. */
export function parameterTexts(texts: readonly string[]): ParameterTexts {
  const values = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--param is "${text}"; write it as name=value`);
    }
    const before = values.get(name);
    if (before !== undefined) {
      throw new UsageError(`--param gives ${name} twice, ${before} and ${value}; give it once`);
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

export interface InputFile {
  readonly stream: StreamName;
  readonly file: string;
}

/** `FILE` for a job's only stream, or `STREAM=FILE`. A file with `=` in its name is written `./a=b`. */
export function inputFile(text: string, streams: readonly StreamName[]): InputFile {
  const [, named, rest] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? [];
  const [first, ...others] = streams;
  if (named === undefined && others.length > 0) {
    throw new UsageError(
      `--input is "${text}", and the job reads ${streams.join(' and ')}; write STREAM=FILE`,
    );
  }
  const stream = named ?? first;
  const file = named === undefined ? text : (rest ?? '');
  if (stream === undefined || !streams.includes(stream)) {
    throw new UsageError(`the job does not read "${stream}"; it reads ${streams.join(', ')}`);
  }
  if (file === '') throw new UsageError(`--input is "${text}"; write FILE or STREAM=FILE`);
  return { stream, file };
}
