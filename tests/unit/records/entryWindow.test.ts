/** A batch is decoded a window at a time, and nothing of it is lost or given twice at the seams. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../../shared/model/position.ts';
import { arrivalTime } from '../../../shared/model/time.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import { EntryWindow } from '../../../shared/records/entryWindow.ts';
import { jsonOf } from '../../support/entries.ts';
import { sequenceNumber } from '../../support/records.ts';
import { aggregate } from './aggregate.ts';

/** Of `shared/records/entryWindow.ts`. */
const ENTRIES_MAX = 110_000;
const LENGTH_MAX = 6 * 1024 * 1024;

const record = (n: number, data: string | Uint8Array): StreamRecord => ({
  sequence: sequenceNumber(n),
  arrival: arrivalTime(1_700_000_000_000),
  partitionKey: 'key',
  data: Buffer.from(data as string),
});

/** Sizes of the windows, when each is committed as a whole; throws where positions do not follow each other. */
function windowSizes(records: readonly StreamRecord[], after?: Position): number[] {
  const window = new EntryWindow(records);
  const sizes: number[] = [];
  let last = after;
  for (;;) {
    window.moveBehind(last);
    const { entries, at } = window.waiting;
    if (!window.first) return sizes;
    for (const { sequence, index } of entries) {
      const due = sequence === last?.sequence ? last.index + 1 : 0;
      if (index !== due) throw new Error(`${index} follows where ${due} should`);
      last = { sequence, index };
    }
    sizes.push(entries.length - at);
  }
}

describe('the window of decoded entries', () => {
  it.each([
    ['all but the limit', ENTRIES_MAX - 1, [ENTRIES_MAX - 1]],
    ['the limit', ENTRIES_MAX, [ENTRIES_MAX]],
    ['one more than the limit', ENTRIES_MAX + 1, [ENTRIES_MAX, 1]],
    ['many times the limit', 2 * ENTRIES_MAX + 5, [ENTRIES_MAX, ENTRIES_MAX, 5]],
  ])('holds %s of entries, and goes on within the record', (_, lines, sizes) => {
    expect(windowSizes([record(0, 'a\n'.repeat(lines))])).toEqual(sizes);
  });

  it('goes on within an aggregated record', () => {
    const empty = { partitionKey: 'a', data: Buffer.alloc(0) };
    const data = aggregate(Array.from({ length: ENTRIES_MAX + 2 }, () => empty));
    expect(windowSizes([record(0, data), record(1, 'b')])).toEqual([ENTRIES_MAX, 3]);
  });

  it('is full when its text is as long as the limit, with at least one entry', () => {
    const half = record(0, 'x'.repeat(LENGTH_MAX / 2));
    const rest = record(1, 'x'.repeat(LENGTH_MAX / 2));
    const shorter = record(1, 'x'.repeat(LENGTH_MAX / 2 - 1));
    expect(windowSizes([half, rest, record(2, 'b')])).toEqual([2, 1]);
    expect(windowSizes([half, shorter, record(2, 'b')])).toEqual([3]);
    expect(windowSizes([record(0, 'x'.repeat(2 * LENGTH_MAX)), record(1, 'b')])).toEqual([1, 1]);
  });

  it('holds less of values in each other, which take more memory than their text', () => {
    const line = `${'['.repeat(500)}${']'.repeat(500)}`;
    const lines = Array.from({ length: 6_000 }, (_, n) => record(n, line));
    const [first, ...others] = windowSizes(lines);
    expect(first).toBe(Math.ceil(LENGTH_MAX / 4 / line.length));
    expect(others.length).toBe(3);
    expect(windowSizes(lines.map(({ data }, n) => record(n, `${data} x`)))).toEqual([6_000]);
  });

  it('counts what compressed payloads inflate to, however little is in them', () => {
    const blank = Buffer.alloc(1024 * 1024, 0x20);
    blank.write('{"n":1}\n');
    const data = Buffer.concat([gzipSync(blank), Buffer.alloc(9_000)]);
    const many = Array.from({ length: 14 }, (_, n) => record(n, data));
    expect(windowSizes(many)).toEqual([6, 6, 2]);
    const after = { sequence: sequenceNumber(0), index: 0 };
    expect(windowSizes([...many.slice(0, 3), record(3, '{}\n{}')], after)).toEqual([4]);
  });

  it('goes on within a payload that inflates to more than a window', () => {
    const line = `{"n":"${'x'.repeat(1_000)}"}\n`;
    const data = Buffer.concat([gzipSync(line.repeat(10_000)), Buffer.alloc(99_000)]);
    const sizes = windowSizes([record(0, data), record(1, '{}')]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10_001);
    const after = { sequence: sequenceNumber(0), index: 9_000 };
    expect(windowSizes([record(0, data), record(1, '{}')], after).at(0)).toBeGreaterThan(0);
  });

  it('holds an ordinary batch as a whole', () => {
    const single = Array.from({ length: 10_000 }, (_, n) => record(n, `{"n":${n}}`));
    expect(windowSizes(single)).toEqual([10_000]);
    const line = `${JSON.stringify({ timestamp: 1, id: 'x'.repeat(37) })}\n`;
    expect(line.length).toBe(61);
    const packed = Array.from({ length: 6 }, (_, n) => record(n, line.repeat(1_000_000 / 61)));
    expect(windowSizes(packed)).toEqual([6 * Math.floor(1_000_000 / 61)]);
  });

  it('begins behind a position, also one within a record', () => {
    const records = [record(0, '1\n2\n3'), record(1, '4\n5\n6'), record(2, '7')];
    const window = new EntryWindow(records);
    window.moveBehind({ sequence: sequenceNumber(1), index: 0 });
    expect(window.waiting.entries.map(jsonOf)).toEqual([5, 6, 7]);
    window.moveBehind({ sequence: sequenceNumber(1), index: 2 });
    expect(jsonOf(window.first)).toBe(7);
    window.moveBehind({ sequence: sequenceNumber(2), index: 0 });
    expect(window.first).toBeUndefined();
  });

  it('takes a record that comes twice once', () => {
    expect(windowSizes([record(0, '1\n2'), record(0, '1\n2'), record(1, '3')])).toEqual([3]);
  });

  it('decodes no record that is committed as a whole', () => {
    const hidden = {
      ...record(0, ''),
      get data(): Uint8Array {
        throw new Error('decoded');
      },
    };
    const window = new EntryWindow([hidden, record(1, '1')]);
    window.moveBehind({ sequence: sequenceNumber(1), index: -1 });
    expect(jsonOf(window.first)).toBe(1);
  });
});
