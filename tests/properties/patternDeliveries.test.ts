/** A pattern job's rows depend on what its shards hold, whoever reads them, in which pieces, and however often. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { checkPatternDeliveries } from '../support/patternDeliveries.ts';

const TIGHT = fileURLToPath(new URL('../support/tightDeliveries.ts', import.meta.url));

describe('a pattern job finds the same however it is delivered', () => {
  it('with its own limits', () => checkPatternDeliveries(200), 60_000);

  it('with limits so low that letting go is cut everywhere', async () => {
    const run = promisify(execFile)(process.execPath, [TIGHT, '200']);
    expect(await run).toMatchObject({ stderr: '' });
  }, 60_000);
});
