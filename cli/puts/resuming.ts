/** By which name a put puts, and how one that broke off is finished: the same events again, by the same name. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STDIN } from '../../inputs/files/bytes.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { nameProblem, type ProducerName } from '../../shared/records/stamp.ts';
import { LOCAL_STAGE } from '../endpoints.ts';
import type { InputFlags } from '../inputOptions.ts';

export interface PutFlags extends InputFlags {
  readonly stage: string;
  readonly check: boolean;
  readonly dryRun?: true;
  readonly fromLine: number;
  readonly resume?: ProducerName;
}

/** One call of the command. */
export interface PutCall {
  readonly stream: string;
  readonly file: string;
  readonly kind: 'file' | 'pipe';
  readonly flags: PutFlags;
}

const RANDOM_BYTES = 3;

/** @param now epoch milliseconds */
export function freshName(now: number): ProducerName {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `put-${time}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

/** For commander. */
export function resumeOption(text: string): ProducerName {
  const problem = nameProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`--resume is "${text}", which ${problem}; give the name that put said`);
}

/** What to do to finish it, for whoever reads it. */
export function finishText(call: PutCall, name: ProducerName): string {
  const line = resumeLine(call, name);
  return call.kind === 'file'
    ? `finish it with: ${line}`
    : `pipe all of it anew, from its beginning, into: ${line}`;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** For a shell, in the project's folder; what is usual is left away. */
export function resumeLine({ stream, file, kind, flags }: PutCall, name: ProducerName): string {
  const { stage, check, fromLine, timeUnit, separator, header, columns } = flags;
  const isThere = resolve(file) === resolve(ROOT, file);
  const named = isThere ? file : resolve(file);
  const words = [
    ...['put', stream, kind === 'file' ? named : STDIN, '--resume', name],
    ...(fromLine > 1 ? ['--from-line', String(fromLine)] : []),
    ...(timeUnit === USUAL_UNIT ? [] : ['--time-unit', timeUnit]),
    ...(separator === undefined ? [] : ['--separator', separator === '\t' ? 'tab' : separator]),
    ...columns.flatMap((each) => ['--columns', each]),
    ...(header ? ['--header'] : []),
    ...(check ? [] : ['--no-check']),
    ...(stage === LOCAL_STAGE ? [] : ['--stage', stage]),
  ];
  return `npm run --silent tidemark -- ${words.map(quoted).join(' ')}`;
}

const USUAL_UNIT = 's';

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
