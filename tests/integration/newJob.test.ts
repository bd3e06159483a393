/** `tidemark new job` in a copy of the project: what it makes passes everything that a change has to pass. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf } from '../../cli/newJob/names.ts';
import { planOf } from '../../cli/newJob/plan.ts';
import { existingStreamWords } from '../../cli/newJob/stream.ts';
import { writePlan } from '../../cli/newJob/write.ts';
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
  npx vitest run tests/tidy tests/jobs/abandonedCarts.test.ts
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
});

describe('new job refuses, before anything is written:', () => {
  it.each([
    [['Abandoned-Carts'], 'the name "Abandoned-Carts" is not kebab-case of at most 40 characters'],
    [['carts_left'], 'is not kebab-case'],
    [[`a-${'long-'.repeat(8)}name`], 'of at most 40 characters'],
    [['hot-items'], 'there is a job "hot-items" already'],
    [['order-status'], 'there is a table "order-status" already'],
    [['state'], 'there is a table "state" already'],
    [['close-windows'], 'functions/closeWindows/README.md is already there'],
    [
      ['left-over'],
      'tests/jobs/leftOver.test.ts is already there; take another name, or remove it',
    ],
    [['count'], '"count" is a word that the code of a job has already'],
    [['class'], '"class" is a word that the code of a job has already'],
    [['carts', '--stream', 'carts'], 'the job and its stream would both be "carts"'],
    [['baskets', '--stream', 'baskets'], 'the job and its stream would both be "baskets"'],
    [['carts', '--stream', 'Cart Events'], '--stream is "Cart Events", which no job reads'],
    [['carts', '--stream', 'page-views2', '--kind', 'session'], "'session' is invalid"],
    [['carts', '--stream', 'pageviews', '--extra'], "unknown option '--extra'"],
    [['carts', '--stream', 'minutes'], '"minutes" is a word'],
    [['carts', '--key', 'problem'], 'a key of carts cannot be problem, which the engine writes'],
    [['carts', '--key', 'timestamp'], '"timestamp" is a word'],
    [['carts', '--key', 'a key'], '"a key" is a word'],
    [['carts', '--key', 'action'], '"action" is a word'],
    [['carts', '--stream', 'orders', '--key', 'txId'], 'partitioned by orderId; leave it away'],
    [[], "missing required argument 'name'"],
  ])('%j', async (args, reason) => {
    writeFileSync(join(copy, 'tests/jobs/leftOver.test.ts'), '');
    const before = git('status', '--short', '--untracked-files=all');
    const { code, out, err } = await inCopy('new', 'job', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(reason);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(git('status', '--short', '--untracked-files=all')).toBe(before);
  });

  it('a list that is laid out in another way', async () => {
    const file = join(copy, 'infra/streams.yml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, 'Resources: {}\n');
    const { code, err } = await inCopy('new', 'job', 'other-carts');
    writeFileSync(file, before);
    expect(code).toBe(1);
    expect(err).toContain('OtherCartsEventsStream cannot be put under Resources');
    expect(existsSync(join(copy, 'functions/otherCarts'))).toBe(false);
  });
});

it('takes everything back where a file cannot be written', () => {
  const folder = mkdtempSync(join(copy, 'written-'));
  writeFileSync(join(folder, 'list'), 'before');
  mkdirSync(join(folder, 'folder'));
  const made = new Map([
    ['deep/new/a', 'a'],
    ['deep/new/b', 'b'],
    ['c', 'c'],
  ]);
  const changed = new Map([
    ['list', 'after'],
    ['folder', 'no file'],
  ]);
  expect(() => writePlan(folder, { made, changed, sample: '' })).toThrow(
    'cannot write folder: it is a folder; nothing is changed',
  );
  expect(readFileSync(join(folder, 'list'), 'utf8')).toBe('before');
  expect([...made.keys()].filter((path) => existsSync(join(folder, path)))).toEqual([]);
  expect(existsSync(join(folder, 'deep'))).toBe(false);
});

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
