/** Dead letters in a file, as they are written and read again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { letterLine, readLetterFile } from '../../../../cli/letters/letterFile.ts';
import { arrivalTime, NO_WATERMARK, processingTime } from '../../../../shared/model/time.ts';
import type { DeadLetter } from '../../../../shared/state/deadLetters.ts';

const folder = mkdtempSync(join(tmpdir(), 'letters-'));
afterAll(() => rmSync(folder, { recursive: true }));
const JOB = 'visits@1';
const file = join(folder, 'letters.jsonl');

const letter = (raw: string | Uint8Array, position = '17/0'): DeadLetter => ({
  kind: 'dead',
  state: 'waiting',
  lane: 'page-views/left',
  position,
  slot: 3,
  place: 0,
  arrival: arrivalTime(0),
  expiresAt: processingTime(0),
  partitionKey: '7',
  watermark: NO_WATERMARK,
  reason: 'is not JSON',
  raw: Buffer.from(raw),
});

async function written(...lines: string[]) {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return readLetterFile(file, JOB);
}

const payloads = async (...lines: string[]) =>
  [...(await written(...lines)).values()].map(({ payload }) => Buffer.from(payload).toString());

describe('a letter that is written and read again', () => {
  it('has its bytes, whatever they are', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(` ${text}`)),
      fc.string().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const found = await written(letterLine(JOB, letter(raw)));
        const [filed] = found.values();
        expect(Buffer.from(filed?.payload ?? [])).toEqual(raw);
      }),
      { numRuns: 300 },
    );
  });

  it('has the attributes that objects have by themselves', async () => {
    const raw = '{"__proto__":{"constructor":1},"url":"/a"}';
    expect(await payloads(letterLine(JOB, letter(raw)))).toEqual([raw]);
  });

  it('can be edited in place where it is JSON', async () => {
    const line = letterLine(JOB, letter('{"url":"/a","at":1e3}'.replace('1e3', '1000')));
    expect(JSON.parse(line)).toMatchObject({ job: JOB, event: { url: '/a', at: 1_000 } });
    expect(await payloads(line.replace('/a', '/b'))).toEqual(['{"url":"/b","at":1000}']);
  });

  it('stays text where JSON would read otherwise when it is written again', () => {
    for (const raw of [
      '{"n":1.0}',
      '{"a":1,"a":2}',
      '"text"',
      '17',
      '{"n":12345678901234567890}',
    ]) {
      expect(JSON.parse(letterLine(JOB, letter(raw))).event).toBe(raw);
    }
  });
});

describe('a file of letters', () => {
  const line = letterLine(JOB, letter('{}'));

  it('may have blank lines, a byte order mark and CRLF', async () => {
    expect(await payloads('', `\uFEFF${line}\r`, '  ')).toEqual(['{}']);
    expect(await payloads(`\uFEFF${line}`, letterLine(JOB, letter('[]', '18/0')))).toEqual([
      '{}',
      '[]',
    ]);
  });

  const otherwise = (change: object) => JSON.stringify({ ...JSON.parse(line), ...change });

  it.each([
    ['no JSON', [line, 'nonsense'], ':2 is no dead letter; write lines as dead --export writes'],
    ['no event', [otherwise({ event: undefined })], ':1 is no dead letter'],
    ['an event twice', [otherwise({ eventBase64: 'AA==' })], ':1 is no dead letter'],
    ['an event that is none', [otherwise({ event: 17 })], ':1 is no dead letter'],
    [
      'another job',
      [otherwise({ job: 'pvuv@1' })],
      ':1 is a dead letter of pvuv@1, not of visits@1',
    ],
    [
      'a letter twice',
      [line, '', otherwise({ event: '1' })],
      ':3 is the letter of line 1 once more',
    ],
    ['nothing', [''], ' holds no dead letter'],
  ])('is refused in a line where it has %s', async (_, lines, problem) => {
    await expect(written(...lines)).rejects.toThrow(`${file}${problem}`);
  });

  it('that is not there, or a folder, is named', async () => {
    const missing = join(folder, 'nowhere.jsonl');
    await expect(readLetterFile(missing, JOB)).rejects.toThrow(
      `cannot read ${missing}: there is no such file`,
    );
    const below = join(file, 'nowhere.jsonl');
    await written(line);
    await expect(readLetterFile(below, JOB)).rejects.toThrow(
      `cannot read ${below}: there is no such file`,
    );
    await expect(readLetterFile(folder, JOB)).rejects.toThrow(
      `cannot read ${folder}: it is a folder`,
    );
  });
});
