/**
 * A file is put while everything on the way breaks, at moments drawn from a seed: the Kinesis server stands still, connections are cut,
 * replies are lost, and `put` is killed and goes on by its name. Every event counts once. See `storm.ts` for how much.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { publicAttributes } from '../../cli/output/rows.ts';
import { startStack } from '../../infra/local/stack.ts';
import { randomFrom } from '../../inputs/generate/random.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { kinesisBetween } from './kinesisBetween.ts';
import { comparable, rowsOfRun } from './rows.ts';
import { ended, ROOT } from './startProcess.ts';
import { stormOf, viewsText } from './storm.ts';

const STREAM = 'user-behavior';
const SHARDS = 2;
const { events: EVENTS, breaks: BREAKS, seed: SEED } = stormOf({ events: 20_000, breaks: 4 });
const STANDSTILL_MS = 2_000;
/** Of the requests that a put of so many events takes, one in so many events. */
const EVENTS_PER_PUT = 700;

const KINDS = ['kill', 'standstill', 'cut', 'unanswered'] as const;

it(`a put of ${EVENTS} events that breaks ${BREAKS} times, seed ${SEED}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-storm-'));
  const children: ChildProcess[] = [];
  subscribe('child_process', (message) => {
    children.push((message as { process: ChildProcess }).process);
  });
  const stack = await startStack({ shards: SHARDS });
  const between = await kinesisBetween(stack.endpoints.kinesis);
  const env = {
    ...process.env,
    ...environmentOf(stack),
    AWS_ENDPOINT_URL_KINESIS: between.endpoint,
    TIDEMARK_PUTS: join(folder, 'puts'),
  };
  const file = join(folder, 'views.csv');
  writeFileSync(file, viewsText(EVENTS));
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
      if (kind === 'standstill') void standStill(children.find(isKinesis));
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
    expect(rows).toEqual(await rowsOfRun('pvuv', { stream: STREAM, file, lanes: SHARDS }));
  } finally {
    await between.stop();
    await stack.stop();
    rmSync(folder, { recursive: true });
  }
}, 600_000);

const isKinesis = ({ spawnargs }: ChildProcess): boolean =>
  spawnargs.some((arg) => arg.includes('kinesisProcess'));

async function standStill(server: ChildProcess | undefined): Promise<void> {
  if (!server) throw new Error('the Kinesis server was not seen to start');
  server.kill('SIGSTOP');
  await sleepFor(STANDSTILL_MS);
  server.kill('SIGCONT');
}
