/**
 * The process that runs handlers, mapping runner, replay and DynamoDB is killed in the middle of a replay
 * while Kinesis lives on. Started again, it ends with the rows of a run that nothing disturbed.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateEvents } from '../../cli/generate/generateEvents.ts';
import { runJob } from '../../cli/run/runJob.ts';
import { JOBS } from '../../functions/jobs.ts';
import { type KinesisServer, startKinesisServer } from '../../infra/local/kinesisServer.ts';
import type { Item } from '../../shared/ports/table.ts';
import { comparable } from './rows.ts';
import { startProcess } from './startProcess.ts';

const SHARDS = 2;
const SAMPLE = { seed: 7, events: 12_000 };
/** Three hours of event time in about five seconds, so that there is a middle. */
const SPEED = '2000';
const events = () => generateEvents('user-behavior', SAMPLE);

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));

describe('a stack that is killed in the middle of a replay', () => {
  let kinesis: KinesisServer;

  beforeAll(async () => {
    const logFile = join(folder, 'kinesis.log');
    kinesis = await startKinesisServer({ port: 0, region: 'us-east-1', logFile });
    const lines = [...events()].map(({ line }) => Buffer.from(line).toString());
    writeFileSync(join(folder, 'input.jsonl'), lines.join('\n'));
  });
  afterAll(() => kinesis.stop());

  it('ends with the same rows when it is started again', async () => {
    const data = join(folder, 'data');
    const out = join(folder, 'out');
    const start = () =>
      startProcess(
        ...['--once', '--port', '0', '--shards', String(SHARDS), '--speed', SPEED],
        ...['--kinesis', kinesis.endpoint, '--data-dir', data, '--out', out],
        ...['--input', `user-behavior=${join(folder, 'input.jsonl')}`],
      );
    for (const share of [0.2, 0.6]) {
      const killed = start();
      await expect
        .poll(() => acknowledgedIn(join(data, 'replay.json')), { timeout: 30_000, interval: 20 })
        .toBeGreaterThan(share * SAMPLE.events);
      killed.child.kill('SIGKILL');
      expect(await killed.ended).toBeNull();
      expect(existsSync(out) && existsSync(join(out, 'pvuv.jsonl'))).toBe(false);
    }
    const last = start();
    expect(await last.ended, last.stderr()).toBe(0);
    for (const family of JOBS) {
      const job = family.build();
      const setup = { lanes: SHARDS, batch: 1_000, atEnd: 'flush' } as const;
      const undisturbed = await runJob(job, events(), setup);
      const rows = readFileSync(join(out, `${job.table.name}.jsonl`), 'utf8')
        .trim()
        .split('\n');
      expect(comparable(rows.map((row) => JSON.parse(row) as Item))).toEqual(
        comparable(undisturbed.rows),
      );
    }
  }, 150_000);
});

/** How many events the replay log counts. */
function acknowledgedIn(file: string): number {
  if (!existsSync(file)) return 0;
  const log = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Record<string, { events: number }>
  >;
  const shards = Object.values(log).flatMap((each) => Object.values(each));
  return shards.reduce((sum, shard) => sum + shard.events, 0);
}
