/**
 * One bundle per function: its handler with all it imports, the SDK's clients included, as one CommonJS file and
 * its source map, and the files that it reads at start. `bench/bundles.ts` measures the same bundles.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ASSETS_FILE, encodeAssets } from '../../functions/api/assetsFile.ts';
import { buildAssets } from '../../functions/api/buildAssets.ts';
import { manifestVersions } from './manifestVersions.ts';
import { withoutJsonSchema } from './withoutJsonSchema.ts';
import { withoutUnusedOperations } from './withoutUnusedOperations.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The bundle's place, and the map's beside it, in the archive: where `handler` of serverless.yml looks for it. */
export const bundlePath = (folder: string): string => `functions/${folder}/handler.js`;

/** The folder whose bundle a function has, from its `handler` in serverless.yml. Several functions may have the same. */
export function folderOf(handler: string): string {
  const folder = /^functions\/(\w+)\/handler\.handler$/.exec(handler)?.[1];
  if (folder !== undefined) return folder;
  throw new Error(
    `a function has the handler "${handler}"; write it like functions/hotItems/handler.handler`,
  );
}

export interface Bundle {
  readonly code: Uint8Array;
  /** Names sources as seen from the bundle, without their text. */
  readonly map: Uint8Array;
  /** Files in the same folder, by name. */
  readonly beside: ReadonlyMap<string, Uint8Array>;
}

/** What functions read at start, by their folder. */
const BESIDE: Readonly<Record<string, (root: string) => Promise<Bundle['beside']>>> = {
  api: async (root) => new Map([[ASSETS_FILE, encodeAssets(await buildAssets(root))]]),
};
const NOTHING = async (): Promise<Bundle['beside']> => new Map();

/**
 * @param folder of the function, in `functions`
 * @param root the folder that holds serverless.yml
 * Throws esbuild's BuildFailure, which names file and line.
 */
export async function bundleFunction(folder: string, root = ROOT): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`functions/${folder}/handler.ts`],
    outfile: bundlePath(folder),
    write: false,
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    // ES modules first: only they can be shaken.
    mainFields: ['module', 'main'],
    // Lambda's credentials alone; see that module.
    alias: {
      '@aws-sdk/credential-provider-node': './shared/adapters/aws/environmentCredentials.ts',
    },
    plugins: [withoutJsonSchema, withoutUnusedOperations, manifestVersions],
    logLevel: 'silent',
  });
  const [map, code] = outputFiles;
  if (!map?.path.endsWith('.map') || !code) throw new Error(`${folder}: esbuild made no bundle`);
  const beside = await (BESIDE[folder] ?? NOTHING)(root);
  return { code: code.contents, map: map.contents, beside };
}
