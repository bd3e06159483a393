import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Asset, Assets } from '../../../../functions/api/assets.ts';
import { decodeAssets, encodeAssets } from '../../../../functions/api/assetsFile.ts';
import { buildAssets } from '../../../../functions/api/buildAssets.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const GZIPPED_BYTES_MAX = 60_000;

let assets: Assets;
beforeAll(async () => {
  assets = await buildAssets();
});

const textAt = (all: Assets, path: string): string =>
  Buffer.from(all.get(path)?.body ?? []).toString();
const hashedOf = (all: Assets): string[] =>
  [...all].flatMap(([path, { isHashed }]) => (isHashed ? [path] : []));

describe('the files of the dashboard', () => {
  it('are a page, its script, its style and the description of the API', () => {
    const types = Object.fromEntries([...assets].map(([path, { type }]) => [path, type]));
    expect(Object.values(types).map((type) => type.split(';')[0])).toEqual([
      'text/html',
      'text/javascript',
      'text/css',
      'application/json',
    ]);
    expect(types['/']).toBe('text/html; charset=utf-8');
    expect(JSON.parse(textAt(assets, '/openapi.json'))).toHaveProperty('openapi');
  });

  it('are named by the page as they are served, relative to wherever it is', () => {
    const page = textAt(assets, '/');
    const named = [...page.matchAll(/(?:src|href)="([^"#:]+\.(?:js|css))"/g)].map(
      ([, name]) => `/${name}`,
    );
    expect(named.sort()).toEqual(hashedOf(assets).sort());
    expect(page).not.toMatch(/main\.(js|ts)|style\.css/);
  });

  it('take 60 kB at most on their way to a browser', () => {
    const sent = [...assets].filter(([path]) => path !== '/openapi.json');
    const bytes = sent.reduce((sum, [, { gzip }]) => sum + gzip.length, 0);
    expect(bytes).toBeLessThanOrEqual(GZIPPED_BYTES_MAX);
    expect(bytes).toBeGreaterThan(100);
  });

  it.each<[string, (asset: Asset) => Uint8Array]>([
    ['gzip', ({ gzip }) => gunzipSync(gzip)],
    ['brotli', ({ brotli }) => brotliDecompressSync(brotli)],
  ])('are the same when they come as %s', (_, unpacked) => {
    for (const [path, asset] of assets) {
      expect(Buffer.from(unpacked(asset)).equals(asset.body), path).toBe(true);
    }
  });

  it('are the same bytes each time, on whatever system', async () => {
    expect(encodeAssets(await buildAssets()).equals(encodeAssets(assets))).toBe(true);
    for (const { gzip } of assets.values()) expect(gzip[9]).toBe(255);
  });

  it('come out of their file as they went into it', () => {
    const [before, after] = [assets, decodeAssets(encodeAssets(assets))].map((all) =>
      [...all].map(([path, asset]) => [path, asset.type, asset.isHashed, bytesOf(asset)]),
    );
    expect(after).toEqual(before);
  });
});

const bytesOf = ({ body, gzip, brotli }: Asset): string[] =>
  [body, gzip, brotli].map((each) => Buffer.from(each).toString('base64'));

describe('a change', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
    for (const folder of ['web', 'shared']) {
      cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const page = (change: (text: string) => string) => {
    const file = join(root, 'web/index.html');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };

  it('of a file renames it, and no other', async () => {
    expect(hashedOf(await buildAssets(root))).toEqual(hashedOf(assets));
    appendFileSync(join(root, 'web/style.css'), '\n.changed { color: red; }\n');
    const changed = hashedOf(await buildAssets(root));
    const isStyle = (path: string) => path.endsWith('.css');
    expect(changed.find(isStyle)).not.toBe(hashedOf(assets).find(isStyle));
    expect(changed.filter((path) => !isStyle(path))).toEqual(
      hashedOf(assets).filter((path) => !isStyle(path)),
    );
  });

  it('that takes the script out of the page is refused', async () => {
    page((text) => text.replace('main.js', 'other.js'));
    await expect(buildAssets(root)).rejects.toThrow(
      'web/index.html has to refer to "main.js" once',
    );
  });

  it('that is no TypeScript is refused with its file and line', async () => {
    writeFileSync(join(root, 'web/main.ts'), 'const a = 1;\nconst = 2;\n');
    await expect(buildAssets(root)).rejects.toThrow(/web\/main\.ts:2/);
  });
});
