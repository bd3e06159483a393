/** `put`, broken off in the middle by whatever breaks it off, and finished by the line that it printed: every event counts once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicAttributes } from '../../cli/output/rows.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { type KinesisBetween, kinesisBetween } from './kinesisBetween.ts';
import { comparable, rowsOfRun } from './rows.ts';
import { ended, ROOT } from './startProcess.ts';

const STREAM = 'user-behavior';
const SHARDS = 2;
const VIEWS = 10_000;
/** More than a producer holds of so many events. */
const LONG_ID = 200;
const START_SECONDS = Date.UTC(2024, 0, 1, 9) / 1_000;
const HOUR_SECONDS = 3_600;

describe('a put that breaks off', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-put-'));
  /** Of all files together. */
  const everything = join(folder, 'everything.csv');
  let stack: Stack;
  let between: KinesisBetween;
  let environment: NodeJS.ProcessEnv;
  let files = 0;

  beforeAll(async () => {
    stack = await startStack({ shards: SHARDS });
    between = await kinesisBetween(stack.endpoints.kinesis);
    environment = {
      ...environmentOf(stack),
      AWS_ENDPOINT_URL_KINESIS: between.endpoint,
      TIDEMARK_PUTS: join(folder, 'puts'),
    };
  });
  afterAll(async () => {
    await between.stop();
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  /** An hour of its own. */
  function viewsFile(idLength = 1): string {
    const start = START_SECONDS + files * HOUR_SECONDS;
    files += 1;
    const views = Array.from(
      { length: VIEWS },
      (_, n) =>
        `${String(n % 501).padStart(idLength, '0')},${n % 97},1,pv,${start + Math.floor(n / 5)}\n`,
    );
    const file = join(folder, `views of hour ${files}.csv`);
    writeFileSync(file, views.join(''));
    appendFileSync(everything, views.join(''));
    return file;
  }

  const rowsOnStack = async () => {
    await stack.waitUntilDrained();
    await stack.flush();
    return comparable((await stack.rows('pvuv')).map(publicAttributes));
  };
  const expectRight = async () => {
    const rows = await rowsOnStack();
    expect(rows).toHaveLength(files);
    expect(rows).toEqual(
      await rowsOfRun('pvuv', { stream: STREAM, file: everything, lanes: SHARDS }),
    );
  };

  const started = (command: string, args: readonly string[]): ChildProcess =>
    spawn(command, args, { cwd: ROOT, env: { ...process.env, ...environment } });
  const startPut = (file: string) =>
    started(process.execPath, [join(ROOT, 'cli/tidemark.ts'), 'put', STREAM, file, '--no-check']);
  /** Exactly what a reader of the text would type. */
  const finish = (text: string) => {
    const [line = ''] = /npm run --silent tidemark -- put .*/.exec(text) ?? [];
    return ended(started('sh', ['-c', line]));
  };
  const expectFinished = async (text: string) => {
    const { code, out, err } = await finish(text);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^putting as put-.*\n$/) });
    expect(out).toMatch(`${VIEWS} events put in`);
    await expectRight();
  };

  it('by a kill, in the middle of a request that is stored', async () => {
    const child = startPut(viewsFile());
    between.onPut = (put) => {
      if (put === 8) child.kill('SIGKILL');
      return put >= 8 ? 'unanswered' : 'stored';
    };
    const { code, err } = await ended(child);
    expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: null, lines: 1 });
    between.onPut = () => 'stored';
    await expectFinished(err);
  });

  it('by a server that has no such stream any more', async () => {
    const child = startPut(viewsFile());
    let puts = 0;
    between.onPut = () => {
      puts += 1;
      return puts > 8 ? 'gone' : 'stored';
    };
    const { code, err } = await ended(child);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error: \d+ events are put, \d+ could not be; the first, .*hour 2\.csv:\d+, because .*the stream is gone; finish it with: npm run .*$/m,
    );
    between.onPut = () => 'stored';
    await expectFinished(err);
  });

  it('by Ctrl-C, with what was read on the stream', async () => {
    const child = startPut(viewsFile(LONG_ID));
    let puts = 0;
    between.onPut = () => {
      puts += 1;
      if (puts === 8) child.kill('SIGINT');
      return 'stored';
    };
    const { code, err } = await ended(child);
    expect(code).toBe(130);
    const [, put] =
      /^error: interrupted: (\d+) events are put; finish it with: npm run .*$/m.exec(err) ?? [];
    expect(Number(put)).toBeGreaterThan(0);
    await expectFinished(err);
  });

  it('by nothing, but requests that are stored and have no reply', async () => {
    let puts = 0;
    between.onPut = () => {
      puts += 1;
      return puts % 5 === 0 ? 'unanswered' : 'stored';
    };
    const { code, out } = await ended(startPut(viewsFile()));
    between.onPut = () => 'stored';
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(`^${VIEWS} events put`) });
    await expectRight();
  });
});
