/**
 * The process that runs handlers, mapping runner, replay and DynamoDB is killed, or interrupted, in the middle of a
 * replay while Kinesis lives on. Started again, it ends with the rows of a run that nothing disturbed.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicAttributes } from '../../cli/output/rows.ts';
import { runJob } from '../../cli/runJob.ts';
import { type KinesisServer, startKinesisServer } from '../../infra/local/kinesisServer.ts';
import { generateEvents } from '../../inputs/generate/generateEvents.ts';
import { tablesOf } from '../../shared/job/job.ts';
import type { ParameterTexts } from '../../shared/job/parameters.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { parameterVariable } from '../../shared/lambda/contract.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { FLINK_JOBS } from '../support/flinkRows.ts';
import { comparable, rowsIn } from './rows.ts';
import { startProcess } from './startProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const SHARDS = 2;
const SAMPLES: Readonly<Record<StreamName, number>> = {
  'user-behavior': 8_000,
  'page-views': 1_000,
  'app-marketing': 1_000,
  'ad-clicks': 2_000,
  logins: 2_000,
  orders: 1_000,
  receipts: 500,
};
const EVENTS = Object.values(SAMPLES).reduce((sum, events) => sum + events, 0);
/** Hours of event time in a few seconds, so that there is a middle. */
const SPEED = '4000';
/** An hour every five seconds makes thousands of rows, which show no more than hundreds do; and so few clicks block nobody. */
const PARAMETERS: Readonly<Record<string, ParameterTexts>> = {
  'app-promotion': { size: '5min' },
  'hot-pages': { size: '2min' },
  'ad-blacklist': { limit: '20' },
};
const VARIABLES = Object.entries(PARAMETERS).flatMap(([job, texts]) =>
  Object.entries(texts).map(([name, text]) => [parameterVariable(job, name), text] as const),
);

const eventsOf = (stream: StreamName) =>
  generateEvents(stream, { seed: 7, events: SAMPLES[stream] ?? 0 });
const fileOf = (stream: StreamName) => join(folder, `${stream}.jsonl`);

describe('a stack that is killed in the middle of a replay', () => {
  let kinesis: KinesisServer;

  beforeAll(async () => {
    const logFile = join(folder, 'kinesis.log');
    kinesis = await startKinesisServer({ port: 0, region: 'us-east-1', logFile });
    for (const stream of Object.keys(SAMPLES)) {
      const lines = [...eventsOf(stream)].map(({ line }) => Buffer.from(line).toString());
      writeFileSync(fileOf(stream), lines.join('\n'));
    }
    for (const [variable, text] of VARIABLES) process.env[variable] = text;
  });
  afterAll(() => {
    for (const [variable] of VARIABLES) delete process.env[variable];
    return kinesis.stop();
  });

  it('ends with the same rows when it is started again', async () => {
    const data = join(folder, 'data');
    const out = join(folder, 'out');
    const start = () =>
      startProcess(
        ...['--once', '--port', '0', '--shards', String(SHARDS), '--speed', SPEED],
        ...['--kinesis', kinesis.endpoint, '--data-dir', data, '--out', out],
        ...Object.keys(SAMPLES).flatMap((stream) => ['--input', `${stream}=${fileOf(stream)}`]),
      );
    for (const [share, signal] of [
      [0.2, 'SIGKILL'],
      [0.4, 'SIGINT'],
      [0.6, 'SIGKILL'],
    ] as const) {
      const killed = start();
      await expect
        .poll(() => storedIn(join(data, 'replay.json')), { timeout: 30_000, interval: 20 })
        .toBeGreaterThan(share * EVENTS);
      killed.child.kill(signal);
      expect(await killed.ended).toBe(signal === 'SIGINT' ? 130 : null);
      expect(existsSync(out) && existsSync(join(out, 'pvuv.jsonl'))).toBe(false);
    }
    const last = start();
    expect(await last.ended, last.stderr()).toBe(0);
    for (const family of FLINK_JOBS) {
      const job = family.build(PARAMETERS[family.name]);
      const inputs = streamsOf(job).flatMap((stream) =>
        [...eventsOf(stream)].map((event) => ({ ...event, stream })),
      );
      const setup = { lanes: SHARDS, batch: 1_000, atEnd: 'flush' } as const;
      const undisturbed = await runJob(job, inputs, setup);
      for (const { name } of tablesOf(job)) {
        const rows = comparable((undisturbed.tables.get(name) ?? []).map(publicAttributes));
        expect(rows.length, name).toBeGreaterThan(0);
        expect(comparable(rowsIn(join(out, `${name}.jsonl`))), name).toEqual(rows);
      }
    }
  }, 150_000);
});

/** How many events are noted as stored. */
function storedIn(file: string): number {
  if (!existsSync(file)) return 0;
  const { inputs } = JSON.parse(readFileSync(file, 'utf8')) as {
    inputs: Record<string, { stored: number }>;
  };
  return Object.values(inputs).reduce((sum, { stored }) => sum + stored, 0);
}
