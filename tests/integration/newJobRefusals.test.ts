/** `tidemark new job` in a copy of the project: where it makes nothing, it says why, and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf } from '../../cli/newJob/names.ts';
import { planOf } from '../../cli/newJob/plan.ts';
import { newStreamWords } from '../../cli/newJob/stream.ts';
import { writePlan } from '../../cli/newJob/write.ts';
import { copyProject } from '../support/projectCopy.ts';
import { tidemark } from '../support/tidemark.ts';

const copy = mkdtempSync(join(tmpdir(), 'tidemark-new-job-'));
beforeAll(() => copyProject(copy), 60_000);
afterAll(() => rmSync(copy, { recursive: true }));

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: copy, encoding: 'utf8' });

const inCopy = (...args: string[]) => tidemark(args, {}, { project: copy });

/** What somebody left where a new job would be. */
function inTheWay(): void {
  const at = (path: string) => join(copy, path);
  writeFileSync(at('tests/jobs/leftOver.test.ts'), '');
  mkdirSync(at('functions/foreignFolder'), { recursive: true });
  writeFileSync(at('functions/foreignFolder/notes.txt'), '');
  writeFileSync(at('functions/foreignFile'), '');
  rmSync(at('functions/danglingLink'), { force: true });
  symlinkSync('nowhere', at('functions/danglingLink'));
}

describe('new job refuses, before anything is written:', () => {
  it.each([
    [['Abandoned-Carts'], 'the name "Abandoned-Carts" is not kebab-case of at most 40 characters'],
    [['carts_left'], 'is not kebab-case'],
    [[`a-${'long-'.repeat(8)}name`], 'of at most 40 characters'],
    [['hot-items'], 'there is a job "hot-items" already'],
    [['order-status'], 'there is a table "order-status" already'],
    [['state'], 'there is a table "state" already'],
    [['close-windows'], 'functions/closeWindows is already there; take another name, or remove it'],
    [['foreign-folder'], 'functions/foreignFolder is already there'],
    [['foreign-file'], 'functions/foreignFile is already there'],
    [['dangling-link'], 'functions/danglingLink is already there'],
    [
      ['left-over'],
      'tests/jobs/leftOver.test.ts is already there; take another name, or remove it',
    ],
    [['count'], '"count" is a word that the code of a job has already'],
    [['job-list'], '"jobList" is a word that the code of a job has already'],
    [['class'], '"class" is a word of JavaScript itself'],
    [['constructor'], '"constructor" is a word of JavaScript itself; take another name'],
    [['parse-int'], '"parseInt" is a word of JavaScript itself'],
    [['carts', '--stream', 'to-string'], '"toString" is a word of JavaScript itself'],
    [['carts', '--key', '__proto__'], '"__proto__" is a word of JavaScript itself'],
    [['carts', '--key', '1bad'], '"1bad" is no name that code can have'],
    [['carts', '--key', 'a = 1; let b'], '"a = 1; let b" is no name that code can have'],
    [['carts', '--key', ''], '"" is no name that code can have'],
    [['carts', '--stream', 'carts'], 'the job and its stream would both be "carts"'],
    [['baskets', '--stream', 'baskets'], 'the job and its stream would both be "baskets"'],
    [['carts', '--stream', 'Cart Events'], '--stream is "Cart Events", which no job reads'],
    [['carts', '--stream', 'page-views2', '--kind', 'session'], "'session' is invalid"],
    [['carts', '--stream', 'pageviews', '--extra'], "unknown option '--extra'"],
    [['carts', '--stream', 'minutes'], '"minutes" is a word'],
    [['carts', '--key', 'problem'], 'a key of carts cannot be problem, which the engine writes'],
    [['carts', '--key', 'timestamp'], '"timestamp" is a word'],
    [['carts', '--key', 'a key'], '"a key" is no name that code can have'],
    [['carts', '--key', 'action'], '"action" is a word'],
    [['carts', '--stream', 'orders', '--key', 'txId'], 'partitioned by orderId; leave it away'],
    [[], "missing required argument 'name'"],
  ])('%j', async (args, reason) => {
    inTheWay();
    const before = git('status', '--short', '--untracked-files=all');
    const { code, out, err } = await inCopy('new', 'job', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(reason);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(git('status', '--short', '--untracked-files=all')).toBe(before);
  });

  it.each([
    [
      'infra/streams.yml',
      (text: string) => text.replace('Resources:', 'Others:'),
      'OtherCartsEventsStream cannot be put under Resources of infra/streams.yml, which is laid out in another way; see docs/jobs.md',
    ],
    [
      'infra/tables.yml',
      (text: string) => text.replace('&resultTable', ''),
      'OtherCartsTable cannot be put under Resources of infra/tables.yml, which is laid out in another way (it has no anchor &resultTable)',
    ],
    [
      'serverless.yml',
      (text: string) => text.replace('&mapping', ''),
      'otherCarts cannot be put under functions of serverless.yml, which is laid out in another way (it has no anchor &mapping)',
    ],
    [
      'functions/jobs.ts',
      () => 'export const INGEST_JOBS = {};\n',
      'functions/jobs.ts has no list of jobs where it was',
    ],
  ])('a list that is laid out in another way: %s', (path, change, reason) => {
    const stream = newStreamWords('other-carts-events', 'userId');
    const file = join(copy, path);
    const before = readFileSync(file, 'utf8');
    const planned = () => planOf(copy, { job: namesOf('other-carts'), kind: 'window', stream });
    expect(planned).not.toThrow();
    writeFileSync(file, change(before));
    try {
      expect(planned).toThrow(reason);
    } finally {
      writeFileSync(file, before);
    }
  });

  it('a stream whose example is no event any more, with the reason', async () => {
    const file = join(copy, 'functions/adBlacklist/README.md');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replaceAll(/"adId":"\d+"/g, '"adId":""'));
    const { code, err } = await inCopy('new', 'job', 'clicks', '--stream', 'ad-clicks');
    writeFileSync(file, before);
    expect(code).toBe(2);
    expect(err).toMatch(
      /--stream is "ad-clicks", and the example in functions\/adBlacklist\/README.md is refused: .*adId.*; mend it, or name a new stream\n$/,
    );
  });
});

it.each([
  ['a folder', (path: string) => mkdirSync(path), 'it is a folder'],
  // Who may not write it, may read it, as with a list of somebody else: not even root writes this one.
  [
    'a file that can only be read',
    (path: string) => symlinkSync('/proc/version', path),
    process.getuid?.() === 0 ? 'EIO: i/o error, write' : 'permission denied',
  ],
])('takes everything back where a file cannot be written: %s', (_, make, why) => {
  const folder = mkdtempSync(join(copy, 'written-'));
  writeFileSync(join(folder, 'list'), 'before');
  make(join(folder, 'other'));
  const made = new Map([
    ['deep/new/a', 'a'],
    ['deep/new/b', 'b'],
    ['c', 'c'],
  ]);
  const changed = new Map([
    ['list', 'after'],
    ['other', 'after'],
  ]);
  expect(() => writePlan(folder, { made, changed, sample: '' })).toThrow(
    `cannot write other: ${why}; nothing is changed`,
  );
  expect(readFileSync(join(folder, 'list'), 'utf8')).toBe('before');
  expect([...made.keys()].filter((path) => existsSync(join(folder, path)))).toEqual([]);
  expect(existsSync(join(folder, 'deep'))).toBe(false);
});
