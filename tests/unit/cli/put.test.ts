/** The look at the events of a file, before any of them is put. */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { checkedAhead, EventCheck } from '../../../cli/checkEvents.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';
import { fileOf } from '../inputs/inputFiles.ts';
import { kinesis, put } from './puts/putting.ts';

describe('before anything is put', () => {
  const view = 'u,1,1,pv,1511658000\n';
  const run = async (content: string, ...args: string[]) => {
    const { exitCode, line = '', said } = await put('user-behavior', fileOf(content), ...args);
    const puts = kinesis.commandCalls(PutRecordsCommand).length;
    return {
      exitCode,
      puts,
      line,
      said: said.filter((text) => !text.startsWith('putting as')),
    };
  };

  it('a file of another stream is refused with code 3', async () => {
    expect(await run('::1 - - 17/05/2015:10:05:03 +0000 GET /a\n')).toEqual({
      exitCode: 3,
      puts: 0,
      line: 'nothing is put: the only event of FILE is a dead letter; its lines look like `page-views`; the first, FILE:1 is neither JSON nor CSV of this stream: write the 5 columns userId,itemId,categoryId,behavior,timestamp (found 1); --no-check puts them nevertheless',
      said: [],
    });
  });

  it.each([
    [
      'of its schema',
      'u,1,1,view,1511658000',
      'behavior: must be one of "pv", "cart", "fav", "buy" (found "view")',
    ],
    ['of JSON', '{"userId":', 'is not JSON'],
    ['of time', 'u,1,1,pv,1511658000000', 'event time 1511658000000000 is more than a day ahead'],
    [
      'of time in JSON',
      '{"userId":"u","itemId":"1","categoryId":"1","behavior":"pv","timestamp":1511658000}',
      'event time 1511658000 is before 1980',
    ],
  ])('a line that is none %s is named, and goes with the others', async (_, line, reason) => {
    const { exitCode, puts, said } = await run(`${view.repeat(12)}${line}\n`);
    expect({ exitCode, puts }).toEqual({ exitCode: 0, puts: 1 });
    expect(said).toEqual([
      `1 of 13 events will be dead letters; the first, FILE:13 ${reason}`,
      '13 events put in 1 record on 1 shard',
    ]);
  });

  it('--no-check puts whatever it is, and --dry-run nothing', async () => {
    expect(await run('x\n', '--no-check')).toMatchObject({ exitCode: 0, puts: 1 });
    kinesis.resetHistory();
    expect(await run(view.repeat(3), '--dry-run')).toEqual({
      exitCode: 0,
      puts: 0,
      line: '',
      said: ['3 events would be put'],
    });
    expect(await run('x\n', '--dry-run')).toMatchObject({ exitCode: 3, puts: 0 });
  });

  it('a file that cannot be read to its end is wrong use', async () => {
    expect(await run(`${view}${'x'.repeat(3 * 1_048_576)}`)).toMatchObject({
      exitCode: 2,
      puts: 0,
      line: 'nothing is put: FILE has a line longer than 1 MiB, which no record can hold: line 2',
    });
  });

  it('as much of a pipe as can be held is looked at', async () => {
    const file = {
      stream: 'receipts',
      file: '-',
      options: { timeUnit: 's' },
      kind: 'pipe',
    } as const;
    async function* events(): AsyncGenerator<InputEvent> {
      for (let n = 0; n < 10_002; n += 1) yield { line: 'x', partitionKey: 'k', lineNumber: n + 1 };
    }
    const check = new EventCheck(file, 0);
    const passed: unknown[] = [];
    const all = checkedAhead(events(), check, async () => {
      passed.push(check.events);
    });
    for await (const { lineNumber } of all) passed.push(lineNumber);
    expect([passed.length, passed[0], passed.at(-1)]).toEqual([10_003, 10_000, 10_002]);
    await expect(check.verdict()).rejects.toThrow(
      'nothing is put: all 10,000 events of standard input are dead letters; the first, standard input:1 is not JSON',
    );
  });
});
