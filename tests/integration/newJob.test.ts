/** `tidemark new job` in a copy of the project: what it makes passes everything that a change has to pass. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf } from '../../cli/newJob/names.ts';
import { planOf } from '../../cli/newJob/plan.ts';
import { existingStreamWords } from '../../cli/newJob/stream.ts';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { STREAM_FORMATS } from '../../inputs/formats.ts';
import { copyProject } from '../support/projectCopy.ts';
import { type Ended, tidemark } from '../support/tidemark.ts';

const copy = mkdtempSync(join(tmpdir(), 'tidemark-new-job-'));
afterAll(() => rmSync(copy, { recursive: true }));

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: copy, encoding: 'utf8' });

/** A tool of the project, in the copy. */
const tool = (script: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', VITEST: undefined };
    const all = [join('node_modules', script), ...args];
    execFile(process.execPath, all, { cwd: copy, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

const inCopy = (...args: string[]) => tidemark(args, {}, { project: copy });

/** Of every kind one, on new streams and on those of the project. */
const MADE = [
  ['term-counts'],
  ['abandoned-carts', '--kind', 'status', '--stream', 'carts', '--key', 'cartId'],
  ['term-bursts', '--kind', 'pattern', '--stream', 'term-counts-events'],
  ['order-bursts', '--kind', 'pattern', '--stream', 'orders'],
  // Wider than a line, and first in the list of imports.
  ['a-page-that-is-asked-for-far-too-often', '--kind', 'gate', '--stream', 'page-views'],
] as const;

beforeAll(() => {
  copyProject(copy);
  git('add', '.');
}, 60_000);

describe('new job', () => {
  const outputs: Ended[] = [];
  beforeAll(async () => {
    for (const args of MADE) outputs.push(await inCopy('new', 'job', ...args));
  }, 60_000);

  it('says what it made, what it changed, and how to go on', () => {
    expect(outputs.map(({ code, err }) => [code, err])).toEqual(MADE.map(() => [0, '']));
    expect(outputs[1]?.out).toBe(`made    functions/abandonedCarts/README.md
made    functions/abandonedCarts/events.ts
made    functions/abandonedCarts/job.ts
made    functions/abandonedCarts/handler.ts
made    tests/jobs/abandonedCarts.test.ts
made    tests/jobs/abandonedCarts.jsonl
changed functions/jobs.ts
changed serverless.yml
changed infra/tables.yml
changed infra/streams.yml
changed README.md

Go on with:
  npm run --silent tidemark -- run abandoned-carts --input tests/jobs/abandonedCarts.jsonl
  npx vitest run tests/tidy tests/jobs/abandonedCarts.test.ts tests/jobs/workedExamples.test.ts
  npm run check
`);
  });

  it('adds lines, and takes none away', () => {
    const deleted = git('diff', '--numstat')
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[1]);
    expect(deleted).toEqual(deleted.map(() => '0'));
  });

  it('makes jobs that show rows of their samples', async () => {
    const rows = await Promise.all(
      MADE.map(async ([name]) => {
        const input = `tests/jobs/${namesOf(name).camel}.jsonl`;
        const { code, out, err } = await inCopy('run', name, '--input', input, '--format', 'json');
        expect({ code, err }).toEqual({ code: 0, err: '' });
        return out.trim().split('\n').length;
      }),
    );
    expect(rows).toEqual([3, 2, 1, 1, 3]);
  });

  it('makes code that compiles, is formatted and has nothing unused', async () => {
    expect(await tool('typescript/bin/tsc', '-p', '.')).toEqual({ code: 0, out: '', err: '' });
    expect(await tool('@biomejs/biome/bin/biome', 'ci', '.')).toMatchObject({ code: 0 });
    expect(await tool('knip/bin/knip.js')).toMatchObject({ code: 0, out: '' });
  }, 120_000);

  it('makes jobs that pass their tests and those of the repository', async () => {
    const tests = MADE.map(([name]) => `tests/jobs/${namesOf(name).camel}.test.ts`);
    const infra = ['dashboard', 'alarms', 'definitions'];
    const { code, out } = await tool(
      'vitest/vitest.mjs',
      'run',
      'tests/tidy',
      'tests/jobs/workedExamples.test.ts',
      ...tests,
      ...infra.map((each) => `tests/unit/infra/${each}.test.ts`),
    );
    expect(code, out).toBe(0);
    for (const test of tests) expect(out).toContain(test);
  }, 300_000);

  it('makes a test that fails where the order of arrival decides between events of one time', async () => {
    const job = join(copy, 'functions/abandonedCarts/job.ts');
    const before = readFileSync(job, 'utf8');
    writeFileSync(job, withLastAction(before));
    const { code, err } = await tool(
      'vitest/vitest.mjs',
      'run',
      'tests/jobs/abandonedCarts.test.ts',
    );
    writeFileSync(job, before);
    expect(code).toBe(1);
    const failed = [...err.matchAll(/ FAIL .* > (.*)$/gm)].map(([, name]) => name);
    expect(new Set(failed)).toEqual(
      new Set(['makes the same of two events of one time, whichever comes first']),
    );
  }, 60_000);
});

/** The status job of the template with one more attribute, of the last event that came of the latest time. */
function withLastAction(job: string): string {
  const changes = [
    ['initial: eventTime(0)', "initial: { at: eventTime(0), action: '' }"],
    [
      /merge: .*/,
      'merge: (kept, { timestamp: at, action }) => (at >= kept.at ? { at, action } : kept),',
    ],
    ['timers: (last) => [quietAt(last)]', 'timers: ({ at }) => [quietAt(at)]'],
    ['view(last, watermark) {', 'view({ at: last, action }, watermark) {'],
    ['const row = {', 'const row = { action,'],
  ] as const;
  return changes.reduce((text, [from, to]) => {
    expect(text.split(from)).toHaveLength(2);
    return text.replace(from, to);
  }, job);
}

it.each(Object.keys(STREAM_FORMATS))('has a sample of events of the stream %s', async (name) => {
  const stream = await existingStreamWords(name, copy);
  if (!stream) throw new Error('it exists');
  for (const kind of ['window', 'gate'] as const) {
    const plan = planOf(copy, { job: namesOf('new-one'), kind, stream });
    const lines = readFileSample(plan.made.get(plan.sample));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines)
      expect(sourceOf(name).parse(JSON.parse(line))).toHaveProperty('event');
  }
});

const readFileSample = (text = ''): string[] => text.trimEnd().split('\n');

function sourceOf(stream: string) {
  const sources = Object.values(INGEST_JOBS).flatMap(({ usual }) => usual.sources);
  const source = sources.find((each) => each.stream === stream);
  if (!source) throw new Error(`no job reads ${stream}`);
  return source;
}

it('has two events of one stream of the project that differ in more than key and time', async () => {
  const stream = await existingStreamWords('orders', copy);
  expect(stream?.otherwise).not.toEqual(stream?.others);
});
