import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  type WriteStream,
  writeFileSync,
} from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mendSaved, saveWhole } from '../../../infra/local/savedFile.ts';
import type { Timing } from '../../../infra/local/shardSource.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'kinesis.json');
const contentOf = (file: string) => readFileSync(file, 'utf8');
const FULL_DEVICE = '/dev/full';

/** Sleeps until it is woken. */
const patient: Timing = {
  now: () => 0,
  sleep: (_, signal) =>
    new Promise((done) => signal.addEventListener('abort', () => done(), { once: true })),
};

const openerOf = () => ({ createWriteStream, promises: { access } });

/** A server that saves as the real one does: it takes all listeners off what it has opened. */
function server(file: string) {
  const failures: string[] = [];
  const opener = openerOf();
  const saves = saveWhole(opener, file, ({ message }) => failures.push(message));
  async function begin(text: string): Promise<WriteStream> {
    const stream = opener.createWriteStream(file, { flags: 'w' });
    await once(stream, 'ready');
    stream.removeAllListeners();
    stream.on('error', () => {});
    await new Promise<void>((written) => void stream.write(text, () => written()));
    return stream;
  }
  async function save(text: string): Promise<void> {
    const stream = await begin(text);
    const ended = new Promise<void>((done) => stream.once('close', () => done()));
    stream.end();
    await ended;
  }
  return { saves, begin, save, failures, looks: () => opener.promises.access(dirname(file)) };
}

describe('a save', () => {
  it('takes the place of the one before, which stays beside it', async () => {
    const file = newFile();
    const { save } = server(file);
    await save('{"save":1}');
    await save('{"save":2}');
    expect(contentOf(file)).toBe('{"save":2}');
    expect(contentOf(`${file}.before`)).toBe('{"save":1}');
  });

  it('that a kill interrupts changes nothing', async () => {
    const file = newFile();
    const { save, begin } = server(file);
    await save('{"save":1}');
    const torn = await begin('{"sa');
    expect(contentOf(file)).toBe('{"save":1}');
    torn.destroy();
  });

  it.skipIf(!existsSync(FULL_DEVICE))('on a full disk changes nothing, and is told', async () => {
    const file = newFile();
    const { save, failures } = server(file);
    await save('{"save":1}');
    symlinkSync(FULL_DEVICE, `${file}.next`);
    await save('{"save":2}');
    expect(contentOf(file)).toBe('{"save":1}');
    expect(failures).toEqual([expect.stringContaining('ENOSPC')]);
  });

  it('of another file is left alone', async () => {
    const opener = openerOf();
    saveWhole(opener, newFile(), () => {});
    const other = newFile();
    const stream = opener.createWriteStream(other);
    stream.end('text');
    await once(stream, 'close');
    expect(contentOf(other)).toBe('text');
  });
});

it('settles with the second save, for the first may be older than the end', async () => {
  const { saves, save } = server(newFile());
  let isSettled = false;
  const settling = saves.settle(patient).then(() => {
    isSettled = true;
  });
  await save('{"save":1}');
  expect(isSettled).toBe(false);
  await save('{"save":2}');
  await settling;
});

it('lets the server save only after a change, and then twice', async () => {
  const { saves, save, looks } = server(newFile());
  let looked = 0;
  /** The server looks for its folder, and then saves. */
  const round = async () => {
    await looks();
    looked += 1;
    await save('{}');
  };
  const first = round();
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  expect(looked).toBe(0);
  saves.changed();
  await first;
  await round();
  const third = round();
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  expect(looked).toBe(2);
  saves.changed();
  await third;
});

describe('before the server reads it', () => {
  it.each([
    ['nothing', undefined, undefined, undefined, undefined],
    ['a whole file', '{"a":1}', undefined, '{"a":1}', undefined],
    ['a whole file beside an older one', '{"a":2}', '{"a":1}', '{"a":2}', undefined],
    [
      'a torn file beside a whole one',
      '{"a":',
      '{"a":1}',
      '{"a":1}',
      /is broken; the streams go on/,
    ],
    ['an empty file beside a whole one', '', '{"a":1}', '{"a":1}', /a second older/],
    ['an end between the two steps of a save', undefined, '{"a":1}', '{"a":1}', undefined],
  ])('%s', (_, content, before, after, lost) => {
    const file = newFile();
    if (content !== undefined) writeFileSync(file, content);
    if (before !== undefined) writeFileSync(`${file}.before`, before);
    const said = mendSaved(file);
    if (lost) expect(said).toMatch(lost);
    else expect(said).toBeUndefined();
    expect(existsSync(file) ? contentOf(file) : undefined).toBe(after);
  });

  it.each([[undefined], ['{"b']])('a torn file beside %s is named, with what to do', (before) => {
    const file = newFile();
    writeFileSync(file, '{"a":');
    if (before !== undefined) writeFileSync(`${file}.before`, before);
    expect(() => mendSaved(file)).toThrow(/kinesis\.json is broken.*give another --data-dir/);
  });
});
