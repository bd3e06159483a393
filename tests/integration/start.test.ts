/** `npm start` from outside: exit codes, signals, and what is left behind. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefinitions } from '../../infra/local/definitions.ts';
import { tidemark } from '../support/tidemark.ts';
import { ROOT, STACKS, type StartProcess, startProcess } from './startProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const input = join(folder, 'views.jsonl');
const linesIn = (out: string, name: string): Record<string, unknown>[] =>
  readFileSync(join(out, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const EVENT = { userId: '1', itemId: '2', categoryId: '3', behavior: 'pv' };

beforeAll(() => {
  const lines = [0, 1, 2].map((n) => JSON.stringify({ ...EVENT, timestamp: Date.UTC(2024) + n }));
  writeFileSync(input, `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'empty.csv'), '');
});

describe('wrong use is one line on standard error and exit code 2', () => {
  const taken = createServer();
  beforeAll(
    () => new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', () => resolve())),
  );
  afterAll(() => void taken.close());
  const takenPort = () => String((taken.address() as { port: number }).port);

  it.each([
    ['an unknown stream', ['--input', `nothing=${input}`], /no stream "nothing"/],
    ['a missing file', ['--input', 'user-behavior=/nowhere/at/all'], /no such file/],
    ['an empty file', ['--input', `user-behavior=${join(folder, 'empty.csv')}`], /is empty/],
    ['an unknown option', ['--nothing'], /unknown option/],
    ['a bad speed', ['--speed', 'fast'], /--speed is "fast"/],
    ['a bad seed', ['--chaos', 'much'], /--chaos is "much"; give a whole number/],
    [
      'chaos in a folder that is kept',
      ['--chaos', '--data-dir', '/nowhere'],
      /--chaos breaks a stack of its own; leave --data-dir away/,
    ],
    ['a folder that cannot be made', ['--out', '/proc/out'], /--out is "\/proc\/out"/],
    [
      'a Kinesis server that is not there',
      ['--kinesis', 'http://127.0.0.1:1'],
      /--kinesis is "http:\/\/127\.0\.0\.1:1", where nothing answers/,
    ],
    ['a taken port', ['--port', 'TAKEN'], /port \d+ \(for kinesis\) is taken/],
  ])('%s', async (_, options, message) => {
    const given = options.map((each) => (each === 'TAKEN' ? takenPort() : each));
    const started = startProcess(...given);
    expect(await started.ended).toBe(2);
    expect(started.stderr()).toMatch(message);
    expect(started.stderr().trimEnd()).not.toContain('\n');
    expect(started.stdout()).toBe('');
  });
});

describe('a run', () => {
  const answers = (url: string): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  const kinesisOf = async (started: StartProcess): Promise<string> =>
    (await started.prints(/Kinesis +(http:\S+)/))[1] ?? '';

  it('with --once writes the tables and ends', async () => {
    const out = join(folder, 'out');
    const options = ['--once', '--port', '0', '--input', `user-behavior=${input}`, '--out', out];
    const started = startProcess(...options);
    expect(await started.ended).toBe(0);
    const tables = readDefinitions({ root: ROOT, stage: 'local' }).tables.map(({ name }) => name);
    const results = tables.filter((name) => name !== 'state').map((name) => `${name}.jsonl`);
    expect(readdirSync(out).sort()).toEqual([...results, 'dead.jsonl', 'late.jsonl'].sort());
    for (const name of ['dead', 'late']) expect(linesIn(out, name)).toEqual([]);
    expect(started.stderr()).toBe('');
  });

  it('with --out writes the late events and dead letters of all jobs, and says the first reasons', async () => {
    const out = join(folder, 'sides');
    const mixed = join(folder, 'mixed.jsonl');
    const at = (ms: number, more = {}) =>
      JSON.stringify({ ...EVENT, ...more, timestamp: Date.UTC(2024) + ms });
    const hours = 3_600_000;
    const dead = ['\u001b[2J', '{}', '"text"', at(0, { userId: '' }), at(0, { behavior: 'other' })];
    writeFileSync(mixed, `${[at(0), at(5 * hours), ...dead, at(1 * hours)].join('\n')}\n`);
    const options = ['--once', '--port', '0', '--shards', '1', '--out', out];
    const started = startProcess(...options, '--input', `user-behavior=${mixed}`);
    expect(await started.ended).toBe(0);
    const letters = linesIn(out, 'dead');
    const readers = ['hot-items', 'pvuv', 'user-profile', 'funnel'];
    expect(letters.map(({ job, kind }) => `${job} ${kind}`)).toEqual(
      readers.flatMap((job) => dead.map(() => `${job} dead`)),
    );
    expect(letters.slice(0, 5).map(({ event }) => event)).toEqual(
      expect.arrayContaining([expect.stringContaining('"behavior":"other"')]),
    );
    for (const { reason } of letters) expect(reason).toMatch(/./);
    expect(linesIn(out, 'late').map(({ job, eventTime }) => [job, eventTime])).toEqual([
      ['hot-items', '2024-01-01T01:00:00.000Z'],
      ['pvuv', '2024-01-01T01:00:00.000Z'],
      ['funnel', '2024-01-01T01:00:00.000Z'],
    ]);
    const said = started.stdout();
    expect(said).toMatch(/^hot-items: 5 dead letters \(.*; .*; .*; …\)$/m);
    expect(said).toMatch(
      /^pvuv: 1 late event \(its time 2024-01-01T01:00:00.000Z is behind .*\)$/m,
    );
    expect(said).not.toContain('\u001b');
    expect(said).not.toMatch(/^login-fail: /m);
  });

  it('stays up until Ctrl-C, which ends everything with exit code 0', {
    timeout: 60_000,
  }, async () => {
    const started = startProcess('--port', '0', '--input', `user-behavior=${input}`);
    const kinesis = await kinesisOf(started);
    const [, dashboard = ''] = /^The dashboard: (http:\S+)\n/.exec(started.stdout()) ?? [];
    expect((await fetch(dashboard)).status).toBe(200);
    const [, log = ''] = await started.prints(/functions print goes to (\S+)/);
    expect(existsSync(log)).toBe(true);
    await started.prints(/aws kinesis put-record/);
    // A command finds it, although nothing names its ports.
    const { code, err } = await tidemark(['results', 'pvuv'], { TIDEMARK_STACKS: STACKS });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // The terminal's and the one that npm passes on are one Ctrl-C.
    started.child.kill('SIGINT');
    await delay(20);
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(await answers(kinesis)).toBe(false);
    expect(await answers(dashboard)).toBe(false);
    expect(started.stdout()).toContain('Stopping: invocations under way finish first.');
    expect(readdirSync(STACKS)).toEqual([]);
    // Its temporary folder goes with it.
    expect(existsSync(dirname(log))).toBe(false);
  });

  it('leaves no server behind when it is killed', async () => {
    const started = startProcess('--port', '0', '--input', `user-behavior=${input}`);
    const kinesis = await kinesisOf(started);
    expect(await answers(kinesis)).toBe(true);
    started.child.kill('SIGKILL');
    await started.ended;
    await expect.poll(() => answers(kinesis), { timeout: 10_000 }).toBe(false);
  });
});
