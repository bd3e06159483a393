/**
 * `npm start -- --data-dir` that is interrupted at moments drawn from a seed, by Ctrl-C or by a kill, and whose shards are split in
 * between: once it comes to its end, its rows are those of `tidemark run`. See `storm.ts` for how much.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { splitShard } from '../../infra/local/chaos/split.ts';
import { randomFrom } from '../../inputs/generate/random.ts';
import { localKinesis } from '../support/localKinesis.ts';
import { comparable, rowsIn, rowsOfRun } from './rows.ts';
import { startProcess } from './startProcess.ts';
import { stormOf, viewsText } from './storm.ts';

const STREAM = 'user-behavior';
const STORM = stormOf({ events: 8_000, breaks: 2 });
/** Of event time to a second: the input takes some seconds. */
const SPEED = 400;
/** After the servers are there. */
const MOMENTS_MS = STORM.events / 5 / (SPEED / 1_000);
const SPLITS = 0.3;
const JOBS = ['pvuv', 'hot-items'] as const;

it(`a start that is interrupted ${STORM.breaks} times, seed ${STORM.seed}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-interrupted-'));
  const file = join(folder, 'views.csv');
  const out = join(folder, 'out');
  writeFileSync(file, viewsText(STORM.events));
  const options = [
    '--port',
    '0',
    '--input',
    `${STREAM}=${file}`,
    '--data-dir',
    join(folder, 'data'),
  ];
  const random = randomFrom(STORM.seed);
  try {
    for (let left = STORM.breaks; left > 0; left -= 1) {
      const started = startProcess(...options, '--speed', String(SPEED));
      const [, kinesis = ''] = await started.prints(/Kinesis +(http\S+)/);
      if (random() < SPLITS) await split(kinesis);
      await sleepFor(random() * MOMENTS_MS);
      started.child.kill(random() < 0.5 ? 'SIGKILL' : 'SIGINT');
      expect([null, 0], started.stderr()).toContain(await started.ended);
    }
    const last = startProcess(...options, '--once', '--out', out);
    expect(await last.ended, last.stderr()).toBe(0);
    for (const job of JOBS) {
      const right = await rowsOfRun(job, { stream: STREAM, file, lanes: 1 });
      expect(comparable(rowsIn(join(out, `${job}.jsonl`))), job).toEqual(right);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);

async function split(endpoint: string): Promise<void> {
  const client = localKinesis(endpoint);
  await splitShard(client, `tidemark-local-${STREAM}`);
  client.destroy();
}
