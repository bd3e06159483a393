/** Loads modules of `shared/` with a canary's changes in their source. Must run before they are imported. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Canary, Patch } from './canaries.ts';

const SHARED = new URL('../../shared/', import.meta.url);

export function releaseCanary({ name, patches }: Canary): void {
  const byUrl = Map.groupBy(patches, ({ file }) => new URL(file, SHARED).href);
  const sources = new Map(
    [...byUrl].map(([url, some]) => [
      url,
      some.reduce(patched, readFileSync(fileURLToPath(url), 'utf8')),
    ]),
  );
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url);
      if (source === undefined) return nextLoad(url, context);
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });

  function patched(source: string, { file, find, replace }: Patch): string {
    const places = source.split(find).length - 1;
    if (places !== 1) {
      throw new Error(
        `canary "${name}": shared/${file} holds ${JSON.stringify(find)} ${places} times, not once; ` +
          'bring the canary up to date',
      );
    }
    return source.replace(find, () => replace);
  }
}
