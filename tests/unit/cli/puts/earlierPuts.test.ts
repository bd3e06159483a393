/** What `put` says of earlier ones, before it begins. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListShardsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it, vi } from 'vitest';
import { fileOf } from '../../inputs/inputFiles.ts';
import {
  FINISH,
  GONE,
  kinesis,
  putReceipts,
  receipts,
  shardsFrom,
  stored,
  stubPuts,
} from './putting.ts';

describe('what it knows of earlier puts', () => {
  it('a file that was put counts again under a new name, and says so', async () => {
    const file = fileOf(receipts(3));
    const { name } = await putReceipts(file);
    const other = fileOf(receipts(3));
    expect((await putReceipts(other)).said[0]).toMatch(
      /^warning: this file was put on receipts as NAME on \d{4}-\d\d-\d\d; under a new name its events count again$/,
    );
    expect((await putReceipts(file, '--resume', name)).said[0]).toMatch(/^putting as/);
  });

  it('one that broke off, with the line that finishes it', async () => {
    const file = fileOf(`${receipts(30)}${'x'.repeat(3 * 1_048_576)}\n`);
    await putReceipts(file, '--from-line', '4');
    const finish = FINISH.replace('--no-check', '--from-line 4 --no-check');
    const { said } = await putReceipts(file);
    expect(said[0]).toMatch(
      /^warning: a put of this file on receipts as NAME on [\d-]+ is not finished; under/,
    );
    expect(said[0]).toMatch(`its events count again. Finish it with: ${finish}`);
  });

  it('nothing of a stream that was made anew, nor of a put that never began', async () => {
    const file = fileOf(receipts(3));
    kinesis.on(PutRecordsCommand).rejects(GONE);
    kinesis.on(ListShardsCommand).rejects(GONE);
    expect(await putReceipts(file)).toMatchObject({ exitCode: 1, said: [] });
    kinesis.on(PutRecordsCommand).callsFake(stored);
    shardsFrom('0');
    await putReceipts(file);
    shardsFrom('7');
    expect((await putReceipts(file)).said[0]).toMatch(/^putting as/);
  });

  it.each<[string, string, readonly string[], RegExp]>([
    [
      'of another file',
      receipts(4),
      [],
      /^warning: mine has put .*: of this file, as many of the first events/,
    ],
    [
      'that began later',
      receipts(3),
      ['--from-line', '2'],
      /^warning: mine began at line 3: what is in front/,
    ],
  ])('a name %s', async (_, content, flags, warning) => {
    await putReceipts(fileOf(receipts(3)), '--resume', 'mine', '--from-line', '3');
    expect((await putReceipts(fileOf(content), '--resume', 'mine', ...flags)).said[0]).toMatch(
      warning,
    );
  });

  it('a name that goes on with a file that has changed', async () => {
    const file = fileOf(receipts(3));
    await putReceipts(file, '--resume', 'mine');
    writeFileSync(file, receipts(4));
    expect((await putReceipts(file, '--resume', 'mine')).said[0]).toBe(
      'note: FILE has changed since it was put as mine: what is put already has to stand in front as it did, event for event',
    );
  });

  it('a name of another stream', async () => {
    await putReceipts(fileOf(receipts(3)), '--resume', 'mine');
    shardsFrom('7');
    expect((await putReceipts(fileOf(receipts(3)), '--resume', 'mine')).said[0]).toBe(
      'warning: mine has put on a receipts that is gone, and is a new name on this receipts: its events count there, and here',
    );
  });

  it('a name of so long ago that it is forgotten', async () => {
    const file = fileOf(receipts(3));
    vi.setSystemTime('2026-03-02T12:00:00Z');
    await putReceipts(file, '--resume', 'mine');
    vi.setSystemTime('2026-03-10T12:00:00Z');
    const { said } = await putReceipts(file, '--resume', 'mine');
    vi.useRealTimers();
    expect(said[0]).toBe(
      'warning: mine put on 2026-03-02, which is longer ago than names are remembered: what it has put counts again',
    );
  });

  it('is kept of the last 200, and a broken note is named and left', async () => {
    const folder = stubPuts();
    const file = fileOf(receipts(1));
    for (let n = 0; n < 202; n += 1) await putReceipts(file, '--resume', `mine${n}`);
    expect(readdirSync(folder)).toHaveLength(200);
    writeFileSync(join(folder, '0.json'), '{"tor');
    const { exitCode, said } = await putReceipts(file);
    expect(exitCode).toBe(0);
    expect(said[0]).toBe(
      `warning: ${join(folder, '0.json')} is broken, and is not read; delete it`,
    );
  });

  it('is nothing where no note can be left, and the put goes on', async () => {
    vi.stubEnv('TIDEMARK_PUTS', '/dev/null/puts');
    const { exitCode, said } = await putReceipts(fileOf(receipts(3)));
    expect(exitCode).toBe(0);
    expect(said[0]).toMatch(/^putting as/);
    expect(said[1]).toMatch(/^warning: a later put will not know of this one: /);
  });
});
