/** Files as they are packed and encoded, and what is refused before anything of it is read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkInput, readInput } from '../../../inputs/readInput.ts';
import { UsageError } from '../../../inputs/usageError.ts';
import { fileOf, folder, read, rowsOf } from './inputFiles.ts';

const AT = 1_558_430_842;
const line = (n: number) => `t${n},wechat,${AT}\n`;
const ROWS = [1, 2].map((n) => `${n}: t${n} wechat ${AT}000`);
const BOTH = line(1) + line(2);
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('packed and encoded files are read', () => {
  it.each([
    ['gzip of several members', Buffer.concat([gzipSync(line(1)), gzipSync(line(2))])],
    ['zstd', zstdCompressSync(BOTH)],
    [
      'zstd of several frames',
      Buffer.concat([zstdCompressSync(line(1)), zstdCompressSync(line(2))]),
    ],
    [
      'zstd as pzstd packs it',
      Buffer.concat([
        Buffer.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4),
        zstdCompressSync(line(1)),
        zstdCompressSync(line(2)),
      ]),
    ],
    ['what is packed twice', gzipSync(zstdCompressSync(BOTH))],
    ['UTF-16 with its mark', utf16(`\ufeff${BOTH}`)],
    ['UTF-16, big-endian', utf16(`\ufeff${BOTH}`).swap16()],
    ['UTF-16 without a mark', utf16(BOTH)],
    ['gzip of UTF-16', gzipSync(utf16(`\ufeff${BOTH}`))],
    ['two texts that begin with a mark, one behind the other', `\ufeff${line(1)}\ufeff${line(2)}`],
  ])('%s', async (_, content) => {
    expect(await rowsOf('receipts', content)).toEqual(ROWS);
  });

  it('in UTF-16, wherever a chunk ends', async () => {
    const text = Array.from({ length: 9_000 }, (_, n) => `é${n},微信,${AT}`).join('\n');
    const rows = await rowsOf('receipts', utf16(`\ufeff${text}`));
    expect(rows[8_999]).toBe(`9000: é8999 微信 ${AT}000`);
  });
});

describe('what is no text is refused, with the remedy', () => {
  it.each([
    ['zip', 'PK\x03\x04\x14\x00', 'it is a zip archive, as .xlsx and .ods files are'],
    ['bzip2', 'BZh91AY&SY\x00', 'unpack it with bunzip2'],
    ['xz', '\xfd7zXZ\x00\x00', 'unpack it with unxz'],
    ['lz4', '\x04\x22\x4d\x18', 'unpack it with unlz4'],
    ['tar', `orders.csv${'\x00'.repeat(247)}ustar`, 'it is a tar archive'],
    ['Parquet', 'PAR1\x15\x04\x15', 'it is a Parquet file'],
    ['anything else', 'a\x00\xfe\x01\xff', 'it is no text: byte 2 is zero'],
  ])('%s', async (_, bytes, remedy) => {
    const content = Buffer.from(bytes, 'latin1');
    const file = fileOf(content);
    await expect(checkInput('receipts', file)).rejects.toThrow(UsageError);
    await expect(checkInput('receipts', file)).rejects.toThrow(remedy);
    await expect(read('receipts', gzipSync(content))).rejects.toThrow(remedy);
  });

  it.each([
    ['three letters of bzip2', `BZh,wechat,${AT}\n`],
    ['four of Parquet', `PAR1,wechat,${AT}\n`],
    ['a zero in text', `t\x00,wechat,${AT}\n`],
  ])('but not an id like %s', async (_, content) => {
    expect((await rowsOf('receipts', content)).length).toBe(1);
  });

  it('a file that is cut short', async () => {
    const cut = zstdCompressSync(BOTH.repeat(50)).subarray(0, 30);
    await expect(read('receipts', cut)).rejects.toThrow(/cannot read .*input\d+: /);
    const deep = gzipSync(gzipSync(gzipSync(BOTH)));
    await expect(read('receipts', deep)).rejects.toThrow('it is packed more than twice');
  });
});

it('zstd is read in frames, whatever their blocks are', async () => {
  const texts = [
    'x'.repeat(500_000),
    Array.from({ length: 90_000 }, (_, n) => n * 7_919).join(' '),
    '',
  ];
  const lines = texts.map((text, n) => `{"txId":"${n}","x":"${text}"}\n`);
  for (const [param, value] of [
    [constants.ZSTD_c_checksumFlag, 1],
    [constants.ZSTD_c_contentSizeFlag, 0],
    [constants.ZSTD_c_compressionLevel, 19],
  ] as const) {
    const frames = lines.map((text) => zstdCompressSync(text, { params: { [param]: value } }));
    const events = await read('receipts', Buffer.concat(frames));
    expect(events.map(({ line: text }) => `${text}\n`)).toEqual(lines);
  }
  const junk = Buffer.concat([zstdCompressSync(BOTH), Buffer.from('junk')]);
  await expect(read('receipts', junk)).rejects.toThrow(/cannot read /);
});

it('a pipe is read once where that is enough, and refused where it is read twice', async () => {
  const pipe = `${folder}/pipe`;
  await once(spawn('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]), 'exit');
  const whence = 'filesAndPipes';
  expect(await checkInput('receipts', pipe, { timeUnit: 's' }, whence)).toBe('pipe');
  expect(await checkInput('receipts', '-', { timeUnit: 's' }, whence)).toBe('pipe');
  await expect(checkInput('receipts', pipe)).rejects.toThrow('it is no file');
  await expect(checkInput('receipts', '-')).rejects.toThrow('there is no such file');
  spawn('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', BOTH, pipe]);
  const lines: unknown[] = [];
  for await (const { lineNumber } of readInput('receipts', pipe, { timeUnit: 's' })) {
    lines.push(lineNumber);
  }
  expect(lines).toEqual([1, 2]);
});
