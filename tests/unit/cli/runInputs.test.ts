/** What `run` says of files: what is dead and late in them, where it stands, and what they may be instead. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Places } from '../../../cli/places.ts';
import { tidemark } from '../../support/tidemark.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, ...lines: string[]): string => {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
};
const run = async (job: string, ...args: string[]) => {
  const { code, err, out } = await tidemark(['run', job, '--format', 'json', ...args]);
  return { code, out, err: err.replaceAll(`${folder}/`, '').trimEnd().split('\n') };
};

const view = (n: number) => `u${n},10,100,pv,${1_511_658_000 + n}`;
const VIEWS = Array.from({ length: 20 }, (_, n) => view(n));
const REQUESTS = [5, 6].map((second) => `::1 - - 17/05/2015:10:05:0${second} +0000 GET /a`);
const NO_VIEW = 'is neither JSON nor CSV of this stream: write the 5 columns';

describe('dead letters', () => {
  it('of a tenth are counted, and the first is named by file and line', async () => {
    const [a, b] = [
      file('a.csv', ...VIEWS, '', 'x', 'y'),
      file('b.csv', 'userId,itemId,categoryId,behavior,timestamp', ...VIEWS),
    ];
    const { code, err } = await run('pvuv', '--input', b, '--input', a);
    expect(code).toBe(0);
    expect(err).toEqual([
      expect.stringMatching(
        `^dead letters: 2 of 42 events; the first, a.csv:22, because ${NO_VIEW}`,
      ),
    ]);
  });

  it('of more than a tenth of a file end with code 3, and the rows are printed', async () => {
    const { code, out, err } = await run('pvuv', '--input', file('c.csv', ...VIEWS, 'x', 'y', 'z'));
    expect(code).toBe(3);
    expect(out).toContain('"pv":20');
    expect(err[1]).toBe('error: 3 of 23 events of c.csv are dead letters, more than a tenth');
  });

  it.each([
    ['of another stream', REQUESTS, 'its lines look like `page-views`'],
    [
      'cut at another sign',
      VIEWS.map((line) => line.replaceAll(',', ';')),
      "its lines look like `user-behavior` with --separator ';'",
    ],
    [
      'with other times',
      VIEWS.map((line) => `${line}000`),
      'its lines look like `user-behavior` with --time-unit ms',
    ],
    [
      'of JSON of another stream',
      Array.from({ length: 3 }, () => '{"txId":"1","channel":"x","timestamp":1558430842000}'),
      'its lines look like `receipts`',
    ],
  ])('that are all of a file, %s: what it may be', async (_, lines, guess) => {
    const { code, err } = await run('pvuv', '--input', file('d.csv', ...lines));
    expect(code).toBe(3);
    expect(err.at(-1)).toBe(
      `error: all ${lines.length} events of d.csv are dead letters; ${guess}`,
    );
  });

  it('of a file that looks like nothing are all that is said', async () => {
    const { err } = await run('pvuv', '--input', file('e.csv', 'x'));
    expect(err.at(-1)).toBe('error: the only event of e.csv is a dead letter');
  });

  it('and late events go to files with the place of each', async () => {
    const input = file('f.csv', ...VIEWS, 'x', 'u,1,1,pv,1511668000', 'u,2,1,pv,1511658000');
    const [dead, late] = [join(folder, 'dead.jsonl'), join(folder, 'late.jsonl')];
    const { code, err } = await run('pvuv', '--input', input, '--dead', dead, '--late', late);
    expect(code).toBe(0);
    expect(err[0]).toMatch(
      /^late events: 1 of 23 events; the first, f.csv:23, because its time 2017-11-26T01:00:00.000Z is behind the watermark 2017-/,
    );
    expect(err[1]).toMatch(/^dead letters: 1 of 23 events; the first, f.csv:21, because /);
    expect(JSON.parse(readFileSync(dead, 'utf8'))).toMatchObject({
      file: input,
      line: 21,
      kind: 'dead',
    });
    expect(JSON.parse(readFileSync(late, 'utf8'))).toMatchObject({
      file: input,
      line: 23,
      kind: 'late',
    });
  });
});

describe('a file of late events or dead letters', () => {
  it.each(['--dead', '--late'])('is not the input, by whatever name: %s', async (option) => {
    const input = file('h.csv', ...VIEWS);
    const before = readFileSync(input, 'utf8');
    const link = join(folder, `link${option}`);
    symlinkSync(input, link);
    const { code, err } = await run('pvuv', '--input', input, option, link);
    expect({ code, err }).toEqual({
      code: 2,
      err: [`error: ${option} and --input are both link${option}; give another file`],
    });
    expect(readFileSync(input, 'utf8')).toBe(before);
  });

  it('is not the other', async () => {
    const input = file('i.csv', ...VIEWS);
    const both = ['--dead', join(folder, 'both'), '--late', join(folder, '.', 'both')];
    const { code, err } = await run('pvuv', '--input', input, ...both);
    expect({ code, err }).toEqual({
      code: 2,
      err: ['error: --late and --dead are both both; give another file'],
    });
    const nowhere = ['--dead', '/dev/null', '--late', '/dev/null'];
    expect(await run('pvuv', '--input', input, ...nowhere)).toMatchObject({ code: 0 });
  });
});

describe.skipIf(!existsSync('/dev/full'))('what cannot be written is one line, with code 1', () => {
  it.each([
    [
      'a file in no folder',
      ['--dead', join(folder, 'no', 'dead')],
      'cannot write no/dead: there is no such folder',
    ],
    [
      'a full device',
      ['--late', '/dev/full'],
      'cannot write /dev/full: no space is left on the device',
    ],
  ])('%s', async (_, args, message) => {
    const input = file('g.csv', ...VIEWS, 'u,1,1,pv,1511668000', 'u,2,1,pv,1511658000');
    const { code, err } = await run('pvuv', '--input', input, ...args);
    expect({ code, last: err.at(-1) }).toEqual({ code: 1, last: `error: ${message}` });
  });

  it('standard output on a full device', async () => {
    const { code, err } = await shell('$RUN "$0" > /dev/full');
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: cannot write to standard output: no space is left on the device\n',
    });
  });
});

/** A line of the shell, where `$RUN` runs `pvuv` over what follows it, and `$0` is a file of views. */
function shell(line: string): Promise<{ code: number; out: string; err: string }> {
  const cli = fileURLToPath(new URL('../../../cli/tidemark.ts', import.meta.url));
  const RUN = `${process.execPath} ${cli} run pvuv --format json --input`;
  return new Promise((resolve) => {
    const options = { env: { ...process.env, RUN } };
    execFile('sh', ['-c', line, file('views.csv', ...VIEWS)], options, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

it.each(['cat "$0" | $RUN -', '$RUN /dev/stdin < "$0"', 'cat "$0" | $RUN /dev/stdin'])(
  'a pipe is read as a file is: %s',
  async (line) => {
    expect(await shell(line)).toMatchObject({
      code: 0,
      out: expect.stringContaining('"pv":20,'),
      err: '',
    });
  },
);

it('places name each event’s file and line, whatever is skipped and however files alternate', () => {
  const places = new Places();
  const expected = Array.from({ length: 500 }, (_, n) => ({
    file: `f${n % 7 < 4 ? 1 : 2}`,
    line: n + Math.floor(n / 9),
  }));
  for (const { file: name, line } of expected) {
    places.add({ line: '', partitionKey: '', file: name, lineNumber: line });
  }
  const positions = expected.map(
    (_, n) =>
      `4959033827149025660855969253836157109592157500${String((n + 1) * 17).padStart(10, '0')}/0`,
  );
  expect(positions.map((each) => places.of(each))).toEqual(expected);
});

it.each(['run', 'put'])('%s --help names the exit codes', async (command) => {
  expect((await tidemark([command, '--help'])).out).toMatch(/Exit codes: .* 3 more than a tenth/);
});
