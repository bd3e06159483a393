import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { archive } from '../../../infra/packaging/archive.ts';
import { bundleFunction } from '../../../infra/packaging/bundle.ts';

const BYTES_MAX = 600_000;

it('is one CommonJS file that loads by itself and exports the handler', async () => {
  const { code } = await bundleFunction('hotItems');
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  try {
    const file = join(folder, 'handler.cjs');
    writeFileSync(file, code);
    vi.stubEnv('TIDEMARK_STAGE', 'test');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const loaded = createRequire(import.meta.url)(file) as { handler: unknown };
    expect(loaded.handler).toBeTypeOf('function');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('holds what the function needs and no more', async () => {
  const { code, map } = await bundleFunction('hotItems');
  expect(code.length).toBeLessThan(BYTES_MAX);
  const { sources } = JSON.parse(Buffer.from(map).toString()) as { sources: string[] };
  // As seen from the bundle's place in the archive, so that stack traces name the project's own files.
  expect(sources).toContain('job.ts');
  expect(sources).toContain('../../shared/runtime/ingest.ts');
  const foreign = sources.filter((source) =>
    /credential-provider|client-(s3|sso|sts)|closeWindows\/|\.\.\/pvuv\/|infra\//.test(source),
  );
  expect(foreign).toEqual([]);
});

it('is archived as the same bytes each time, so that a deployment without changes is none', async () => {
  const [first, second] = await Promise.all([bundleFunction('pvuv'), bundleFunction('pvuv')]);
  const archives = await Promise.all([archive('pvuv', first), archive('pvuv', second)]);
  expect(archives[0]?.equals(archives[1] ?? Buffer.alloc(0))).toBe(true);
  const changed = { ...first, code: Buffer.concat([first.code, Buffer.from('//')]) };
  expect((await archive('pvuv', changed)).equals(archives[0] ?? Buffer.alloc(0))).toBe(false);
});
