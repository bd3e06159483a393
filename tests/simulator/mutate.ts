/**
 * Loads modules of `shared/` with changes in their source: broken variants of the engine (canaries), or low
 * limits. Must run once, before they are imported, in a process that is used for nothing else.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Patch {
  /** Path below `shared/`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Variant {
  readonly name: string;
  readonly patches: readonly Patch[];
}

const SHARED = new URL('../../shared/', import.meta.url);

/** All together: later ones change what earlier ones left. */
export function loadVariants(variants: readonly Variant[]): void {
  const patches = variants.flatMap(({ name, patches: some }) =>
    some.map((patch) => ({ ...patch, name })),
  );
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

  function patched(
    source: string,
    { name, file, find, replace }: Patch & Pick<Variant, 'name'>,
  ): string {
    const places = source.split(find).length - 1;
    if (places !== 1) {
      throw new Error(
        `variant "${name}": shared/${file} holds ${JSON.stringify(find)} ${places} times, not once; ` +
          'bring the variant up to date',
      );
    }
    return source.replace(find, () => replace);
  }
}
