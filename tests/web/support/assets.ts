/** The page as it is served: script and style in one file each, both minified. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface PageAsset {
  readonly type: string;
  readonly body: Uint8Array;
}

export async function pageAssets(): Promise<ReadonlyMap<string, PageAsset>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { 'main.js': 'web/main.ts', 'style.css': 'web/style.css' },
    outdir: '.build/web',
    entryNames: '[name]',
    write: false,
    ...{ bundle: true, minify: true, format: 'esm', charset: 'utf8', legalComments: 'none' },
    target: ['es2023', 'chrome120', 'firefox121', 'safari17.2'],
    logLevel: 'silent',
  });
  const page = await readFile(`${ROOT}web/index.html`);
  return new Map<string, PageAsset>([
    ['/', { type: 'text/html; charset=utf-8', body: page }],
    ...outputFiles.map(({ path, contents }): [string, PageAsset] =>
      path.endsWith('.css')
        ? ['/style.css', { type: 'text/css; charset=utf-8', body: contents }]
        : ['/main.js', { type: 'text/javascript; charset=utf-8', body: contents }],
    ),
  ]);
}
