/** Every file that a new job makes or changes, with its text: nothing is written here. */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../inputs/usageError.ts';
import { withFunction, withStream, withTable } from './deployment.ts';
import { filled, inFunctions, inTests, type Part, templateText } from './fill.ts';
import { FACTS, type Kind, type NewTable } from './kinds.ts';
import { withJob, withRow } from './lists.ts';
import { type Names, namesOf } from './names.ts';
import type { StreamWords } from './stream.ts';

export interface NewJob {
  readonly job: Names;
  readonly kind: Kind;
  readonly stream: StreamWords;
}

export interface Plan {
  /** By paths from the root. */
  readonly made: ReadonlyMap<string, string>;
  readonly changed: ReadonlyMap<string, string>;
  /** Events to run the job on. */
  readonly sample: string;
}

/** Throws UsageError where the folder or one of the files beside it is there already. */
export function planOf(root: string, { job, kind, stream }: NewJob): Plan {
  const fill = (part: Part, place = (text: string) => text) =>
    filled(place(templateText(root, part, kind, stream)), job, stream);
  const folder = `functions/${job.camel}`;
  const readme = fill('readme');
  const sample = `tests/jobs/${job.camel}.jsonl`;
  const made = new Map([
    [`${folder}/README.md`, readme],
    [`${folder}/events.ts`, fill('events')],
    [`${folder}/job.ts`, fill('job', inFunctions)],
    [`${folder}/handler.ts`, fill('handler')],
    [`tests/jobs/${job.camel}.test.ts`, fill('test', inTests)],
    [sample, sampleIn(readme)],
  ]);
  const there = [folder, ...made.keys()].find((path) => isThere(join(root, path)));
  if (there) throw new UsageError(`${there} is already there; take another name, or remove it`);
  return { made, changed: changedFiles(root, { job, kind, stream }, readme), sample };
}

/** Also as a link that leads nowhere. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function changedFiles(root: string, { job, kind, stream }: NewJob, readme: string) {
  const { batches, how, tables: tableFacts } = FACTS[kind];
  const tables = Object.entries(tableFacts).map(
    ([suffix, { sortKey, ...listed }]): NewTable => ({
      names: namesOf(`${job.kebab}${suffix}`),
      keys: sortKey === undefined ? [stream.key] : [stream.key, sortKey],
      ...listed,
    }),
  );
  const question = /^# \w+: (.*)$/m.exec(readme)?.[1] ?? job.kebab;
  const description = `${question.charAt(0).toUpperCase()}${question.slice(1).replaceAll('`', '')}.`;
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  return new Map([
    ['functions/jobs.ts', withJob(read('functions/jobs.ts'), job)],
    [
      'serverless.yml',
      withFunction(read('serverless.yml'), { job, stream: stream.names, batches, description }),
    ],
    ['infra/tables.yml', tables.reduce(withTable, read('infra/tables.yml'))],
    ...(stream.declaredIn === undefined
      ? [['infra/streams.yml', withStream(read('infra/streams.yml'), stream.names)] as const]
      : []),
    ['README.md', withRow(read('README.md'), job, { question, how, tables })],
  ]);
}

/** The events of the worked example. */
function sampleIn(readme: string): string {
  const [, lines = ''] = /^In,[\s\S]*?^```json\n([\s\S]*?)^```/m.exec(readme) ?? [];
  return lines;
}
