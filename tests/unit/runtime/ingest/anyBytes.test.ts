/**
 * Whatever bytes Kinesis takes, a batch of them is ingested within the memory of a function, and what is kept of it takes no
 * more than its own size. Measured in processes of their own; nothing here depends on time.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { WorstBatchReport } from '../../../support/worstBatchChild.ts';

const PEAK_MB_MAX = 512;
/** V8 lets garbage lie until it comes near its limit; what is no heap comes on top of it. */
const HEAP_MB_MAX = 256;
/** A unit is 1 KB: what nothing can compress costs its own size, and a little for what says where it stood and why. */
const UNITS_PER_KB_MAX = 1.05;
const TIMEOUT_MS = 300_000;

const CHILD = fileURLToPath(new URL('../../../support/worstBatchChild.ts', import.meta.url));

async function ingestInChild(kind: string, forms: readonly string[]): Promise<WorstBatchReport[]> {
  const flags = [`--max-old-space-size=${HEAP_MB_MAX}`];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, CHILD, kind, ...forms]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as WorstBatchReport);
}

describe('a batch of 6 MB', () => {
  it.each([
    [
      'window',
      [
        'lines of two bytes',
        'empty events of the KPL',
        'lines that are not UTF-8',
        'deepest nesting',
        'lines of nesting',
        'gzip of deepest nesting',
        'gzip of an event and blanks',
        'gzip of objects without a line end',
        'mixed',
      ],
    ],
    ['gate', ['mixed']],
    ['status', ['mixed']],
    ['pattern', ['mixed']],
  ] as const)(
    'of any bytes fits the memory of a function of a %s job, counts each entry and costs about its size: %j',
    async (kind, forms) => {
      for (const each of forms) {
        // What one batch leaves behind is nothing that the next one is to be measured by.
        const [report] = await ingestInChild(kind, [each]);
        if (!report) throw new Error(`${each}: no report`);
        const { form, entries, counted, unitsPerKb, peakMb } = report;
        expect({ form, counted }).toEqual({ form: each, counted: entries });
        expect(unitsPerKb, `${form}: units per KB`).toBeLessThan(UNITS_PER_KB_MAX);
        expect(peakMb, `${form}: MB`).toBeLessThan(PEAK_MB_MAX);
      }
    },
    TIMEOUT_MS,
  );
});
