/**
 * A template's text in the words of a new job. Templates are code that compiles and runs as it stands: folders beside
 * `functions`, so that their imports hold there as well, and whose names are replaced.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './kinds.ts';
import type { Names } from './names.ts';
import type { StreamWords } from './stream.ts';

/** Where the parts of every job are, by what they become. */
const PARTS = {
  readme: 'README.md',
  events: 'events.ts',
  job: 'job.ts',
  handler: 'handler.ts',
  test: 'job.test.ts',
} as const;

export type Part = keyof typeof PARTS;

/** All kinds have the same events and the same handler. */
function templateOf(part: Part, kind: Kind, { declaredIn }: StreamWords): string {
  if (part === 'events') return declaredIn === undefined ? 'window' : 'sameStream';
  return part === 'handler' ? 'window' : kind;
}

export function templateText(root: string, part: Part, kind: Kind, stream: StreamWords): string {
  return readFileSync(join(root, 'templates', templateOf(part, kind, stream), PARTS[part]), 'utf8');
}

/** @param text of a template */
export function filled(text: string, job: Names, stream: StreamWords): string {
  const { key, time, others, otherwise, declaredIn } = stream;
  const attributes = JSON.stringify(others);
  const words: Readonly<Record<string, string>> = {
    'new-job': job.kebab,
    newJob: job.camel,
    'new-stream': stream.names.kebab,
    newStream: stream.source,
    NewStreamEvent: stream.eventType,
    userId: key,
    timestamp: time,
    "{ action: 'view' }": attributes,
    "{ action: 'buy' }": JSON.stringify(otherwise),
    '"action":"view",': attributes === '{}' ? '' : `${attributes.slice(1, -1)},`,
    // Where events are declared.
    '../window/': declaredIn === undefined ? './' : `../${declaredIn}/`,
  };
  // In one pass: what stands for a word may hold another one.
  const pattern =
    /new-job|new-stream|\bnewJob\b|\bnewStream\b|\bNewStreamEvent\b|\buserId\b|\btimestamp\b|\{ action: '(?:view|buy)' \}|"action":"view",|\.\.\/window\//g;
  return text.replaceAll(pattern, (word) => words[word] ?? word);
}

/** In `functions`, where a job's events stand beside it. */
export const inFunctions = (jobText: string): string =>
  jobText.replace("'../window/events.ts'", "'./events.ts'");

/** In `tests/jobs`. */
export const inTests = (testText: string): string =>
  testText
    .replace("'./job.ts'", "'../../functions/newJob/job.ts'")
    .replace("'../../tests/support/", "'../support/");
