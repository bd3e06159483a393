/** `tidemark status` beside a running stack, as a user has it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { minutes } from '../../shared/model/time.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { type Ended, tidemark } from '../support/tidemark.ts';

const EVENTS = 200;

describe('status beside a running stack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-status-'));
  let stack: Stack;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    stack = await startStack({ shards: 2 });
    environment = environmentOf(stack);
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  const status = (...args: string[]) => tidemark(['status', ...args], environment);
  const jobsIn = ({ out }: Ended) =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  async function put(...lines: readonly string[]): Promise<void> {
    const file = join(folder, 'views.csv');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const { code, err } = await tidemark(['put', 'user-behavior', file, '--no-check'], environment);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^putting as .*\n$/) });
    await stack.waitUntilDrained();
  }

  it('says of jobs without an event that they wait, and ends with 0', async () => {
    const { code, out, err } = await status();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/pvuv +no event yet/);
    expect(out).toMatch(/nothing needs attention\n$/);
  });

  it('ends with 0 where events of now were taken, and shows them', async () => {
    const now = Math.floor(Date.now() / 1_000);
    await put(...Array.from({ length: EVENTS }, (_, n) => `${n % 50},${n},1,pv,${now}`));
    const ended = await status('pvuv', 'hot-items', '--format', 'json');
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: '' });
    const jobs = jobsIn(ended);
    expect(jobs.map(({ job }) => job)).toEqual(['pvuv@1', 'hot-items@1']);
    for (const job of jobs) {
      expect(job).toMatchObject({
        state: 'well',
        counts: { accepted: EVENTS },
        recent: { accepted: EVENTS },
        errors: [],
        findings: [],
      });
      expect(job.eventsPerSecond).toBeCloseTo(EVENTS / 60, 2);
      expect(job.lagSeconds).toBeLessThan(minutes(2));
    }
  });

  it('ends with 4 after an event that is none, and says how to look at it', async () => {
    await put('no event');
    const { code, out, err } = await status('pvuv');
    expect({ code, err }).toEqual({ code: 4, err: '' });
    expect(out).toContain(
      '! pvuv: 1 dead letter in the last 5 min; see tidemark dead pvuv --summary\n',
    );
    expect(await tidemark(['dead', 'pvuv'], environment)).toMatchObject({
      out: expect.stringContaining('no event'),
    });
    expect(await status('order-timeout')).toMatchObject({ code: 0 });
  });

  it('ends with 4 after a function has failed, and says why', async () => {
    const { invoke } = stack;
    const request = { source: 'tidemark.schedule', job: 'pvuv@1' };
    const state = stack.table('state');
    const lane = { pk: 'pvuv@1', sk: 'lane#user-behavior/shardId-000000000000' };
    await state.update(lane, { format: 99 }, { kind: 'always' });
    await expect(invoke('closeWindows', request)).rejects.toThrow('format 99');
    await state.update(lane, { format: 2 }, { kind: 'always' });
    const { code, out } = await status('pvuv');
    expect(code).toBe(4);
    expect(out).toMatch(
      /! pvuv: closeWindows failed \d+ s ago: NewerFormatError: .*; see docs\/operations\.md#errors/,
    );
  });

  it('ends with 1 and a line where the stage is not there', async () => {
    const { code, out, err } = await status('--stage', 'dev');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: .*is the stage right, and is it deployed in this region\?\n$/);
  });
});
