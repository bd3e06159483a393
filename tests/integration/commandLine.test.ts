/** The commands that talk to a stack, from outside, as a user has them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { environmentOf } from '../support/stackEnvironment.ts';
import { tidemark } from '../support/tidemark.ts';

const START_SECONDS = Date.UTC(2024, 0, 1, 9) / 1_000;
const VIEWS = 300;

describe('the command line beside a running stack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-put-'));
  const input = join(folder, 'views.csv');
  let stack: Stack;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const lines = Array.from(
      { length: VIEWS },
      (_, n) => `${n % 50},${n % 20},1,pv,${START_SECONDS + n}`,
    );
    writeFileSync(input, `${[...lines, 'no event', `7,7,1,wish,${START_SECONDS}`].join('\n')}\n`);
    stack = await startStack({ shards: 2 });
    environment = environmentOf(stack);
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  const run = async (...args: string[]) => {
    const { code, out, err } = await tidemark(args, environment);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  };
  const put = async (stream: string, file: string) => {
    const ended = await tidemark(['put', stream, file, '--no-check'], environment);
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/^putting as put-.*\n$/) });
    return ended.out;
  };
  const linesOf = (out: string) => out.split('\n').filter((line) => line !== '');

  it('puts a file, and shows the rows that come of it', async () => {
    expect(await put('user-behavior', input)).toContain(`${VIEWS + 2} events put`);
    await stack.waitUntilDrained();
    await stack.flush();
    const rows = linesOf(await run('results', 'pvuv', '--format', 'json'));
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      expect.objectContaining({ table: 'pvuv', site: 'all', pv: VIEWS, uv: 50 }),
    ]);
    expect(await run('results', 'hot-items', '--key', 'items:pv', '--latest', '1')).toContain('×');
  });

  it('shows dead letters with their reasons', async () => {
    const dead = await run('dead', 'pvuv');
    expect(dead).toContain('no event');
    expect(dead).toContain('wish');
  });

  const summary = async () => {
    const lines = linesOf(await run('dead', 'pvuv', '--summary', '--format', 'json'));
    return Object.fromEntries(
      lines
        .map((line) => JSON.parse(line))
        .map(({ reason, states }) => [reason.includes('JSON') ? 'no event' : 'wish', states]),
    );
  };

  it('puts dead letters back once: what died again waits under its new position', async () => {
    const refused = await tidemark(['redrive', 'pvuv'], environment);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing is put back: 2 dead letters would be dead again'),
    });
    expect(await run('redrive', 'pvuv', '--unchecked')).toContain('2 dead letters put back');
    await stack.waitUntilDrained();
    // The causes are not mended, so both died again; their first letters are let in and no longer offered.
    const states = { accepted: 1, waiting: 1 };
    expect(await summary()).toEqual({ 'no event': states, wish: states });
    expect(await run('redrive', 'pvuv', '--dry-run', '--unchecked')).toContain(
      '2 dead letters would be put back',
    );
    expect(await run('dead', 'hot-items')).not.toContain('redrive');
    const rows = linesOf(await run('results', 'pvuv', '--format', 'json'));
    expect(rows.map((row) => JSON.parse(row).pv)).toEqual([VIEWS]);
  });

  it('lets an edited letter count, once, for its job alone', async () => {
    const file = join(folder, 'letters.jsonl');
    await run('dead', 'pvuv', '--state', 'waiting', '--reason', 'wish', '--export', file);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"wish"', '"pv"'));
    const back = () => run('redrive', 'pvuv', '--from', file);
    expect(await back()).toBe('1 dead letter put back on user-behavior\n');
    await stack.waitUntilDrained();
    await stack.flush();
    expect((await summary())['wish']).toEqual({ accepted: 2 });
    const again = await tidemark(['redrive', 'pvuv', '--from', file], environment);
    expect(again).toMatchObject({
      code: 0,
      out: '0 dead letters put back on user-behavior\n',
      err: `1 dead letter of ${file} left out: accepted already\n`,
    });
    const rows = linesOf(await run('results', 'pvuv', '--format', 'json'));
    expect(rows.map((row) => JSON.parse(row).pv)).toEqual([VIEWS + 1]);
    expect(
      linesOf(await run('dead', 'hot-items', '--reason', 'wish', '--format', 'json')),
    ).toHaveLength(1);
  });

  it('leaves out what is discarded', async () => {
    await run('dead', 'pvuv', '--discard', '--reason', 'JSON');
    expect((await summary())['no event']).toEqual({ accepted: 1, discarded: 1 });
    expect(await run('redrive', 'pvuv', '--unchecked')).toBe(
      '0 dead letters put back on user-behavior\n',
    );
  });

  it('lists problems by time, and puts letters of two streams back on each', async () => {
    const csv = (name: string, ...lines: string[]) => {
      writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
      return join(folder, name);
    };
    const orders = csv('orders.csv', '1,create,,1558430842', '2,pay,t2,1558437000', 'no order');
    const receipts = csv('receipts.csv', 't9,wechat,1558430847', 'no receipt');
    await Promise.all([put('orders', orders), put('receipts', receipts)]);
    await stack.waitUntilDrained();
    await stack.flush();
    const problems = async (...args: string[]) =>
      linesOf(await run('results', ...args, '--format', 'json')).map((row) => JSON.parse(row));
    const timedOut = ['order-status', '--problem', 'timedOut'];
    const [inDay, earlier, unmatched] = await Promise.all([
      problems(...timedOut, '--from', '2019-05-21', '--to', '2019-05-22'),
      problems(...timedOut, '--to', '2019-05-21T09:00'),
      problems('reconciliation', '--problem', 'unmatchedReceipt'),
    ]);
    expect(inDay).toMatchObject([{ orderId: '1', status: 'timedOut' }]);
    expect(earlier).toEqual([]);
    expect(unmatched).toMatchObject([{ txId: 't9' }]);
    expect(await run('dead', 'order-reconcile')).toMatch(/no order.*no receipt/s);
    expect(await run('redrive', 'order-reconcile', '--unchecked')).toBe(
      '1 dead letter put back on orders\n1 dead letter put back on receipts\n',
    );
  }, 60_000);
});
