import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Bundle, bundleFunction, folderOf } from '../../../infra/packaging/bundle.ts';
import type { ApiHandler } from '../../../shared/lambda/apiHandler.ts';
import { urlEvent } from '../../support/urlEvents.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** All kinds of jobs are in each, and by what those with a repartition stream forward. */
const BYTES_MAX = 600 * 1_024;
const API_BYTES_MAX = 700_000;

afterEach(() => void vi.useRealTimers());

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

it('is that of the folder in which the function has its handler, whatever the function is called', () => {
  expect(folderOf('functions/orderReconcile/handler.handler')).toBe('orderReconcile');
  for (const handler of ['functions/pvuv/other.handler', 'functions/pvuv/handler.run', 'pvuv']) {
    expect(() => folderOf(handler)).toThrow(
      `a function has the handler "${handler}"; write it like`,
    );
  }
});

describe('the bundle of the API', () => {
  it('answers from its folder alone: the dashboard is beside it', async () => {
    const { code, beside } = await bundleFunction('api');
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
    try {
      const file = join(folder, 'handler.cjs');
      writeFileSync(file, code);
      for (const [name, content] of beside) writeFileSync(join(folder, name), content);
      vi.stubEnv('TIDEMARK_STAGE', 'test');
      vi.stubEnv('AWS_REGION', 'us-east-1');
      const { handler } = createRequire(import.meta.url)(file) as { handler: ApiHandler };
      const tables = await handler(urlEvent('/v1/tables'));
      expect(tables).toMatchObject({ statusCode: 200 });
      expect(JSON.parse(tables.body).tables).toContainEqual(
        expect.objectContaining({ name: 'pvuv', partitionKey: 'site' }),
      );
      const page = await handler(urlEvent('/'));
      expect(page.body).toContain('<!doctype html>');
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('holds one client of AWS, and nothing that makes the dashboard', async () => {
    const { code, map } = await bundleFunction('api');
    expect(code.length).toBeLessThan(API_BYTES_MAX);
    const { sources } = JSON.parse(Buffer.from(map).toString()) as { sources: string[] };
    expect(
      sources.filter((source) =>
        /@aws-sdk\/client-(?!dynamodb)|infra\/|web\/|esbuild/.test(source),
      ),
    ).toEqual([]);
    expect(sources).toContain('../../shared/lambda/apiHandler.ts');
  });
});

it('holds what the function needs and no more', async () => {
  const { code, map } = await bundleFunction('hotItems');
  expect(code.length).toBeLessThan(BYTES_MAX);
  const { sources } = JSON.parse(Buffer.from(map).toString()) as { sources: string[] };
  // As seen from the bundle's place in the archive, so that stack traces name the project's own files.
  expect(sources).toContain('job.ts');
  expect(sources).toContain('../../shared/runtime/ingest/ingest.ts');
  const foreign = sources.filter((source) =>
    /credential-provider|client-(s3|sso|sts)|closeWindows\/|\.\.\/pvuv\/|infra\//.test(source),
  );
  expect(foreign).toEqual([]);
});

it.each([
  ['userProfile', BYTES_MAX],
  ['fireTimers', BYTES_MAX],
  // The engine's other parts are not in it.
  ['closeWindows', 520 * 1_024],
])('of %s is small as well', async (folder, bytesMax) => {
  const { code } = await bundleFunction(folder);
  expect(code.length).toBeLessThan(bytesMax);
});

it('leaves out the operations of Lambda that no function calls', async () => {
  const { code } = await bundleFunction('hotItems');
  const text = Buffer.from(code).toString();
  expect(text).toContain('/2015-03-31/functions/{FunctionName}/invocations');
  expect(text).not.toContain('/event-source-mappings');
});

it('leaves out how zod writes JSON Schema, and nothing else of it', async () => {
  const { code } = await bundleFunction('hotItems');
  const text = Buffer.from(code).toString();
  expect(text).toContain('functions have no JSON Schema');
  expect(text).not.toContain('cannot be represented in JSON Schema');
  expect(text).toContain('Invalid input: expected');
});

it('names its source map, which holds no sources, for stack traces that name the project’s lines', async () => {
  const { code, map } = await bundleFunction('hotItems');
  expect(Buffer.from(code).toString()).toMatch(/\n\/\/# sourceMappingURL=handler\.js\.map\n$/);
  expect(JSON.parse(Buffer.from(map).toString())).not.toHaveProperty('sourcesContent');
});

it('lets a deployed function name the line of its job that threw, and no folder of this machine', async () => {
  const [project, deployed] = ['project', 'deployed'].map((name) =>
    mkdtempSync(join(tmpdir(), `tidemark-test-${name}-`)),
  ) as [string, string];
  try {
    cpSync(join(ROOT, 'shared'), join(project, 'shared'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    for (const folder of [project, deployed])
      mkdirSync(join(folder, 'functions/broken'), { recursive: true });
    const write = (name: string, ...lines: string[]) =>
      writeFileSync(join(project, 'functions/broken', name), lines.join('\n'));
    write(
      'job.ts',
      '',
      'export function filter(event: { a?: { b: 1 } }) {',
      '  return event.a!.b;',
      '}',
    );
    write(
      'handler.ts',
      "import { reasonOf } from '../../shared/operators/intake/deadReason.ts';",
      "import { filter } from './job.ts';",
      'try { filter({}); } catch (error) { console.log(reasonOf(error)); }',
    );
    const { code, map } = await bundleFunction('broken', project);
    const file = join(deployed, 'functions/broken/handler.js');
    writeFileSync(file, code);
    writeFileSync(`${file}.map`, map);
    // As the functions' NODE_OPTIONS say; see serverless.yml.
    const said = execFileSync(process.execPath, ['--enable-source-maps', file], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/^the job's own code threw: .* \(at functions\/broken\/job\.ts:3\)\n$/);
  } finally {
    for (const folder of [project, deployed]) rmSync(folder, { recursive: true });
  }
});

/** What an archive of the bundle is in a process that begins at a time of its own. */
async function archivedAt(now: number, timeZone: string, bundle: Bundle): Promise<string> {
  vi.useFakeTimers({ now, toFake: ['Date'] });
  vi.stubEnv('TZ', timeZone);
  vi.resetModules();
  const { archive } = await import('../../../infra/packaging/archive.ts');
  return (await archive('pvuv', bundle)).toString('base64');
}

it('is archived as the same bytes each time, so that a deployment without changes is none', async () => {
  const [first, second] = [await bundleFunction('pvuv'), await bundleFunction('pvuv')];
  const archived = await archivedAt(Date.UTC(2026, 2, 2, 10), 'UTC', first);
  expect(await archivedAt(Date.UTC(2026, 6, 9, 23), 'America/Lima', second)).toBe(archived);
  const more = { ...first, beside: new Map([['more.json', Buffer.from('{}')]]) };
  expect(await archivedAt(Date.UTC(2026, 2, 2, 10), 'UTC', more)).not.toBe(archived);
  const changed = { ...first, code: Buffer.concat([first.code, Buffer.from('//')]) };
  expect(await archivedAt(Date.UTC(2026, 2, 2, 10), 'UTC', changed)).not.toBe(archived);
});
