/** The real command line in a process of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tidemark } from '../../support/tidemark.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const VIEWS = file('views.csv', '1,10,100,pv,1511658000\n2,10,100,pv,1511658001\n');

describe('run', () => {
  it('prints one line of JSON a row, and nothing else on standard output', async () => {
    const args = ['run', 'pvuv', '--input', VIEWS, '--format', 'json', '--stats', '--lanes', '2'];
    const { code, out, err } = await tidemark(args);
    expect(code).toBe(0);
    expect(out).toBe(
      '{"table":"pvuv","site":"all","windowEnd":"2017-11-26T02:00:00.000Z","final":false,"pv":2,' +
        '"revision":0,"uv":2,"windowStart":"2017-11-26T01:00:00.000Z"}\n',
    );
    expect(err).toContain('accepted: 2\nfiltered: 0\nlate: 0\ndead: 0\nexpired: 0\n');
    expect(err).toMatch(/write units: \d+\nread units: \d+/);
  });

  it('takes parameters, a named stream and times in milliseconds, and prints a table', async () => {
    const ms = file('ms.csv', '1,10,100,pv,1511658000000\n2,20,100,pv,1511658000001\n');
    const { code, out } = await tidemark(
      ['run', 'hot-items', '--input', `user-behavior=${ms}`, '--time-unit', 'ms'].concat([
        '--param',
        'top=1',
        '--param',
        'size=10min',
        '--param',
        'slide=10min',
      ]),
    );
    expect(code).toBe(0);
    expect(out).toContain('2017-11-26 01:00 – 01:10');
    expect(out).toContain('10 ×1');
    expect(out).not.toContain('20 ×1');
  });

  it('prints every table of a job, by name', async () => {
    const clicks = file('clicks.csv', '1,7,beijing,x,1511658000\n1,7,beijing,x,1511658001\n');
    const args = ['run', 'ad-blacklist', '--input', clicks, '--param', 'limit=1'];
    const lines = (await tidemark([...args, '--format', 'json'])).out.trimEnd().split('\n');
    const tables = lines.map((line) => (JSON.parse(line) as { table: string }).table);
    expect(tables).toEqual(['ad-blacklist', ...Array.from({ length: 2 * 12 }, () => 'ad-clicks')]);
    expect((await tidemark(args)).out).toMatch(/^ad-blacklist\n┌.*\nad-clicks\n┌/s);
  });

  it('reads several streams side by side by event time, each from its own files', async () => {
    const input = (stream: string, name: string, ...lines: string[]) => [
      '--input',
      `${stream}=${file(name, `${lines.join('\n')}\n`)}`,
    ];
    const { out, err } = await tidemark([
      ...['run', 'order-reconcile', '--format', 'json', '--stats'],
      ...input('orders', 'o1.csv', '1,create,,1558430842', '1,pay,t1,1558430844'),
      ...input('receipts', 'r.csv', 't1,wechat,1558430847', 't2,alipay,1558430848'),
      ...input('orders', 'o2.csv', '2,pay,t3,1558430900'),
    ]);
    const rows = out.trimEnd().split('\n');
    expect(rows.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual([
      'matched',
      'unmatchedReceipt',
      'unmatchedPay',
    ]);
    expect(err).toContain('accepted: 4\nfiltered: 1\n');
    expect(err).toContain('rows of reconciliation: 3');
    expect(err).not.toContain('windows closed');
  });

  it('says of which stream of the job it has no input', async () => {
    const orders = `orders=${file('only.csv', '1,pay,t1,1558430844\n')}`;
    const { code, out, err } = await tidemark(['run', 'order-reconcile', '--input', orders]);
    expect({ code, err: err.trimEnd() }).toEqual({
      code: 0,
      err: 'no --input for receipts: the job runs as if nothing came there',
    });
    expect(out).toContain('unmatchedPay');
  });

  it('leaves windows open with --no-flush', async () => {
    const args = ['run', 'pvuv', '--input', VIEWS, '--format', 'json', '--no-flush'];
    expect(await tidemark(args)).toMatchObject({ code: 0, out: '' });
  });
});

it('wrong use ends with code 2 and one line on standard error', async () => {
  const { code, out, err } = await tidemark(['run', 'nope', '--input', VIEWS]);
  expect(err).toMatch(
    /^error: there is no job "nope"; there are hot-items, .*order-reconcile.*\n$/,
  );
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

it('generate prints as many events as asked for', async () => {
  const { code, out } = await tidemark(['generate', 'user-behavior', '--events', '2500']);
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n').length).toBe(2_500);
});

it('says how to start the local stack where no server answers, with code 1', async () => {
  // A port that was free a moment ago.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const environment = { ...credentials, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  for (const args of [
    ['results', 'pvuv'],
    ['put', 'user-behavior', VIEWS],
  ]) {
    const { code, out, err } = await tidemark(args, environment);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(
      `nothing answers at 127.0.0.1:${port}; start the local stack with npm start`,
    );
    expect(err.trimEnd().split('\n').length).toBe(1);
  }
});

const credentials = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};
