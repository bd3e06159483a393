import { closeSync, mkdtempSync, openSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leaveSaved } from '../../../infra/local/savedFile.ts';
import type { Timing } from '../../../infra/local/shardSource.ts';
import { fastTiming } from './fakeStream.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'kinesis.json');

/** A server that does one thing to the file each time somebody waits, and then nothing more. */
function serverThat(...steps: (() => void)[]): Timing & { readonly slept: number[] } {
  const timing = fastTiming();
  return {
    ...timing,
    sleep(ms, signal) {
      steps.shift()?.();
      return timing.sleep(ms, signal);
    },
  };
}

/** A save has a time of its own, however fast the test is. */
let saves = 0;
function save(file: string, text: string): void {
  writeFileSync(file, text);
  saves += 1;
  utimesSync(file, saves, saves);
}

it('waits for a second save, for the first may be older than the end', async () => {
  const file = newFile();
  save(file, '{"save":0}');
  await leaveSaved(
    file,
    serverThat(
      () => save(file, '{"save":1}'),
      () => {},
      () => save(file, '{"sa'),
      () => save(file, '{"save":2}'),
      () => save(file, '{"save":3}'),
    ),
  );
  expect(readFileSync(file, 'utf8')).toBe('{"save":2}');
});

it('leaves the last whole save where the server is stuck in the middle of another', async () => {
  const file = newFile();
  save(file, '{"save":0}');
  const slow = serverThat(
    () => save(file, '{"save":1}'),
    () => save(file, ''),
  );
  await leaveSaved(file, slow);
  expect(readFileSync(file, 'utf8')).toBe('{"save":1}');
});

it('is not harmed by a save that begins when all is said', async () => {
  const file = newFile();
  const begun: { file?: number } = {};
  await leaveSaved(
    file,
    serverThat(
      () => save(file, '{"save":1}'),
      () => {
        save(file, '{"save":2}');
        begun.file = openSync(file, 'r+');
      },
    ),
  );
  writeFileSync(begun.file ?? '', '{"sa', { flush: true });
  closeSync(begun.file as number);
  expect(readFileSync(file, 'utf8')).toBe('{"save":2}');
});

it('ends where nothing is ever saved', async () => {
  await expect(leaveSaved(newFile(), serverThat())).resolves.toBeUndefined();
});
