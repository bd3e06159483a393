/**
 * The files of the dashboard as the API serves them: script and style in one file each, named by their content so that browsers
 * may keep them for ever, the page that names them, and the description of the API. Compressed here, once, so that nobody
 * compresses while somebody waits. The same sources make the same bytes.
 */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Asset, Assets } from './assets.ts';
import { openApiDocument } from './openapi.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the page refers to, by the name that it has there. */
const REFERRED = { 'main.js': 'web/main.ts', 'style.css': 'web/style.css' } as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
};

/**
 * @param root the folder that holds `web/`
 * Throws esbuild's BuildFailure, which names file and line.
 */
export async function buildAssets(root = ROOT): Promise<Assets> {
  const page = await readFile(join(root, 'web/index.html'), 'utf8');
  const files = await Promise.all(
    Object.entries(REFERRED).map(async ([reference, source]) => {
      const content = await bundled(root, source);
      return { reference, content, name: hashedName(content, extname(reference)) };
    }),
  );
  return new Map([
    ['/', assetOf(Buffer.from(files.reduce(referTo, page)), '.html', 'plain')],
    ...files.map(
      ({ name, content }) => [`/${name}`, assetOf(content, extname(name), 'hashed')] as const,
    ),
    ['/openapi.json', assetOf(Buffer.from(JSON.stringify(openApiDocument())), '.json', 'plain')],
  ]);
}

async function bundled(root: string, source: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outdir: '.build/web',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    // What browsers of the last two years know.
    target: ['es2023', 'chrome120', 'firefox121', 'safari17.2'],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const [output, ...others] = outputFiles;
  if (!output || others.length > 0) {
    throw new Error(`${source} becomes ${outputFiles.length} files; it has to become one`);
  }
  return output.contents;
}

const HASH_LENGTH = 10;

const hashedName = (content: Uint8Array, extension: string): string =>
  `app-${hash('sha256', content).slice(0, HASH_LENGTH)}${extension}`;

function referTo(
  page: string,
  { reference, name }: { readonly reference: string; readonly name: string },
): string {
  const [before, after, ...others] = page.split(`"${reference}"`);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`web/index.html has to refer to "${reference}" once, relative and in quotes`);
  }
  return `${before}"${name}"${after}`;
}

const assetOf = (body: Uint8Array, extension: string, naming: 'hashed' | 'plain'): Asset => ({
  type: TYPES[extension] ?? 'application/octet-stream',
  body,
  gzip: gzipped(body),
  brotli: brotliCompressSync(body, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  }),
  isHashed: naming === 'hashed',
});

/** Where gzip names the system that it ran on, and what stands for any. */
const SYSTEM_AT = 9;
const ANY_SYSTEM = 255;

function gzipped(body: Uint8Array): Uint8Array {
  const compressed = gzipSync(body, { level: constants.Z_BEST_COMPRESSION });
  compressed[SYSTEM_AT] = ANY_SYSTEM;
  return compressed;
}
