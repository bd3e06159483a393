/** The clients of AWS read their `package.json` for the version that they tell the server. The rest of it, 7 kB of each bundle, is left out. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const MANIFESTS = /@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/;

export const manifestVersions: Plugin = {
  name: 'manifest-versions',
  setup({ onLoad }) {
    onLoad({ filter: MANIFESTS }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};
