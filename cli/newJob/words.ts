/** Names of a new job become words of its code, which has words of its own, and so has the language. */
import { runInNewContext, Script } from 'node:vm';
import { UsageError } from '../../inputs/usageError.ts';
import { checkTable, STATUS } from '../../shared/job/tables.ts';
import { templateText } from './fill.ts';
import type { NewJob } from './plan.ts';

/** Throws UsageError; JobDefinitionError where the result table cannot have such a key. */
export function checkWords(root: string, { job, kind, stream }: NewJob): void {
  const own = ownWords(root, { job, kind, stream });
  for (const word of [job.camel, stream.source, stream.key, stream.time]) checkWord(word, own);
  if (stream.key === stream.time) throw taken(stream.key);
  checkTable(job.kebab, { name: job.kebab, partitionKey: stream.key }, [STATUS]);
  if (job.camel === stream.source) {
    throw new UsageError(
      `the job and its stream would both be "${job.camel}"; give one of them another name`,
    );
  }
}

/** What stands in the files where the words are put. */
function ownWords(root: string, { kind, stream }: NewJob): ReadonlySet<string> {
  const own = (['job', 'test', 'events', 'handler'] as const)
    .map((part) => templateText(root, part, kind, stream))
    .join('\n');
  const words = new Set(own.match(/\w+/g));
  // These two stand for the stream's own.
  if (stream.key === 'userId') words.delete('userId');
  if (stream.time === 'timestamp') words.delete('timestamp');
  // In functions/jobs.ts, where the job is listed.
  return words.add('jobList');
}

function checkWord(word: string, own: ReadonlySet<string>): void {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(word)) {
    throw new UsageError(
      `"${word}" is no name that code can have: letters and digits, of which the first is a letter; write it like cartId`,
    );
  }
  if (own.has(word)) throw taken(word);
  if (isLanguage(word)) {
    throw new UsageError(`"${word}" is a word of JavaScript itself; take another name`);
  }
}

const taken = (word: string): UsageError =>
  new UsageError(`"${word}" is a word that the code of a job has already; take another name`);

/** Keywords, and what every program has: globals, and what every object has, as `constructor` and `__proto__`. */
function isLanguage(word: string): boolean {
  try {
    new Script(`'use strict'; async () => { const ${word} = 0; }`);
  } catch {
    return true;
  }
  return runInNewContext(`${JSON.stringify(word)} in globalThis`) === true;
}
