/**
 * A file is put while everything on the way breaks, at moments drawn from a seed: the Kinesis server stands still, connections are cut,
 * replies are lost, and `put` is killed and goes on by its name. Every event counts once.
 *
 * `TIDEMARK_STORM=100000,10` takes so many events and breaks, `TIDEMARK_STORM_SEED` other moments.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { jobOf } from '../../cli/options.ts';
import { publicAttributes } from '../../cli/output/rows.ts';
import { runJob } from '../../cli/runJob.ts';
import { startStack } from '../../infra/local/stack.ts';
import { readInput } from '../../inputs/readInput.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { kinesisBetween } from './kinesisBetween.ts';
import { comparable } from './rows.ts';
import { ROOT } from './startProcess.ts';

const STREAM = 'user-behavior';
const SHARDS = 2;
const [EVENTS = 20_000, BREAKS = 4] = (process.env['TIDEMARK_STORM'] ?? '')
  .split(',')
  .filter((text) => text !== '')
  .map(Number);
const SEED = Number(process.env['TIDEMARK_STORM_SEED'] ?? Date.now() % 100_000);
const START_SECONDS = Date.UTC(2024, 0, 1, 9) / 1_000;
const STANDSTILL_MS = 2_000;
/** Of the requests that a put of so many events takes, one in so many events. */
const EVENTS_PER_PUT = 700;

const KINDS = ['kill', 'standstill', 'cut', 'unanswered'] as const;

it(`a put of ${EVENTS} events that breaks ${BREAKS} times, seed ${SEED}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-storm-'));
  const stack = await startStack({ shards: SHARDS });
  const between = await kinesisBetween(stack.endpoints.kinesis);
  const env = {
    ...process.env,
    ...environmentOf(stack),
    AWS_ENDPOINT_URL_KINESIS: between.endpoint,
    TIDEMARK_PUTS: join(folder, 'puts'),
  };
  const file = join(folder, 'views.csv');
  writeFileSync(file, viewsText());
  const start = (name?: string) => {
    const resume = name === undefined ? [] : ['--resume', name];
    const args = [join(ROOT, 'cli/tidemark.ts'), 'put', STREAM, file, '--no-check', ...resume];
    return spawn(process.execPath, args, { cwd: ROOT, env });
  };
  try {
    const random = randomFrom(SEED);
    const moments = new Set<number>();
    while (moments.size < BREAKS) moments.add(2 + Math.floor((random() * EVENTS) / EVENTS_PER_PUT));
    let name: string | undefined;
    let child: ChildProcess = start();
    const met: string[] = [];
    between.onPut = (put) => {
      if (!moments.has(put)) return 'stored';
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'kill';
      met.push(kind);
      if (kind === 'kill') child.kill('SIGKILL');
      if (kind === 'cut') between.cut();
      if (kind === 'standstill') void standStill();
      return kind === 'standstill' ? 'stored' : 'unanswered';
    };
    for (;;) {
      const { code, err } = await ended(child);
      name ??= /putting as (\S+?);/.exec(err)?.[1];
      if (code === 0) break;
      expect({ code, err }).toMatchObject({ code: null });
      child = start(name);
    }
    expect(met.length).toBeGreaterThan(BREAKS / 2);
    await stack.waitUntilDrained();
    await stack.flush();
    const rows = comparable((await stack.rows('pvuv')).map(publicAttributes));
    expect(rows).toEqual(await rowsOfRun(file));
  } finally {
    await between.stop();
    await stack.stop();
    rmSync(folder, { recursive: true });
  }
}, 600_000);

const viewsText = (): string =>
  Array.from(
    { length: EVENTS },
    (_, n) => `${n % 501},${n % 97},1,pv,${START_SECONDS + Math.floor(n / 5)}\n`,
  ).join('');

async function rowsOfRun(file: string) {
  async function* events() {
    for await (const event of readInput(STREAM, file, { timeUnit: 's' })) {
      yield { ...event, stream: STREAM };
    }
  }
  const job = jobOf('pvuv');
  const run = await runJob(job, events(), { lanes: SHARDS, batch: 1_000, atEnd: 'flush' });
  return comparable((run.tables.get('pvuv') ?? []).map(publicAttributes));
}

async function ended(child: ChildProcess) {
  let err = '';
  child.stderr?.on('data', (text) => {
    err += text;
  });
  child.stdout?.resume();
  const [code] = await once(child, 'close');
  return { code, err };
}

/** The server's own process, which this one has started. */
async function standStill(): Promise<void> {
  const found = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'kinesisProcess']);
  const pid = Number(found.toString().trim());
  process.kill(pid, 'SIGSTOP');
  await sleepFor(STANDSTILL_MS);
  process.kill(pid, 'SIGCONT');
}

/** A linear congruence is as much chance as moments need. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
