import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { announceStack, findStack, type RunningStack } from '../../../cli/runningStacks.ts';

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'stacks');
/** Far above what a system gives. */
const GONE = 2 ** 31 - 2;

const stackAt = (port: number, pid: number = process.pid): RunningStack => ({
  pid,
  kinesis: `http://127.0.0.1:${port}`,
  dynamodb: `http://127.0.0.1:${port + 1}`,
  lambda: `http://127.0.0.1:${port + 2}`,
  api: `http://127.0.0.1:${port + 3}`,
});

describe('the stack that commands mean', () => {
  it('is none where none runs', () => {
    expect(findStack(newFolder())).toBeUndefined();
    expect(findStack('/dev/null')).toBeUndefined();
  });

  it('is the one that runs, on whatever ports, until it ends', () => {
    const folder = newFolder();
    const end = announceStack(stackAt(40_001), folder);
    expect(findStack(folder)).toEqual(stackAt(40_001));
    end();
    expect(findStack(folder)).toBeUndefined();
  });

  it('is the one on the usual ports, of several', () => {
    const folder = newFolder();
    announceStack(stackAt(40_001), folder);
    announceStack(stackAt(4_567, process.ppid), folder);
    expect(findStack(folder)).toEqual(stackAt(4_567, process.ppid));
  });

  it('has to be named, of several on other ports', () => {
    const folder = newFolder();
    announceStack(stackAt(40_001), folder);
    announceStack(stackAt(50_001, process.ppid), folder);
    expect(() => findStack(folder)).toThrow(
      /2 local stacks run: .*http:\/\/127\.0\.0\.1:40001 with http:\/\/127\.0\.0\.1:40002.*name one in AWS_ENDPOINT_URL_KINESIS/,
    );
  });

  it.each([
    ['of a process that was killed', JSON.stringify(stackAt(40_001, GONE))],
    ['that is torn', '{"pid":'],
    ['of something else', '{"pid":"x"}'],
  ])('is not in a file %s, which goes', (_, content) => {
    const folder = newFolder();
    announceStack(stackAt(50_001), folder);
    const file = join(folder, `${GONE}.json`);
    writeFileSync(file, content);
    expect(findStack(folder)).toEqual(stackAt(50_001));
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.each([
    [
      'that is being written',
      `${process.ppid}.json.new`,
      JSON.stringify(stackAt(40_001, process.ppid)),
    ],
    ['that is of no process', 'notes.json', JSON.stringify(stackAt(40_001))],
    ['of another program', 'README', 'mine'],
    [
      'whose process is not the one that it names',
      `${process.ppid}.json`,
      JSON.stringify(stackAt(40_001)),
    ],
  ])('is not in a file %s, which stays', (_, name, content) => {
    const folder = newFolder();
    announceStack(stackAt(50_001), folder);
    writeFileSync(join(folder, name), content);
    expect(findStack(folder)).toEqual(stackAt(50_001));
    expect(readFileSync(join(folder, name), 'utf8')).toBe(content);
  });

  it('is found whole or not at all, whenever somebody looks', () => {
    const folder = newFolder();
    // Renamed over the one before: who has that open reads it to its end.
    announceStack(stackAt(40_001), folder);
    const before = statSync(join(folder, `${process.pid}.json`)).ino;
    const end = announceStack(stackAt(50_001), folder);
    expect(statSync(join(folder, `${process.pid}.json`)).ino).not.toBe(before);
    expect(findStack(folder)).toEqual(stackAt(50_001));
    end();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not in a file that a killed process has not written to its end, which goes', () => {
    const folder = newFolder();
    announceStack(stackAt(50_001), folder)();
    writeFileSync(join(folder, `${GONE}.json.new`), '{"pid":');
    expect(findStack(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});
