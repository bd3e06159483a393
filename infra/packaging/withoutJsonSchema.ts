/** zod can write schemas down as JSON Schema. No function asks for that, and it is 16 kB of each bundle: it is left out. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const MODULES = /zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/;
const EXPORTED = /^export (?:(?:const|function) (\w+)|\{ \w+ as (\w+) \})/gm;

/** What the modules export stays, and throws where it is called. */
export const withoutJsonSchema: Plugin = {
  name: 'without-json-schema',
  setup({ onLoad }) {
    onLoad({ filter: MODULES }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const names = [...source.matchAll(EXPORTED)].map(([, name, alias]) => name ?? alias);
      return {
        contents: [
          "const refuse = () => { throw new Error('functions have no JSON Schema') };",
          ...names.map((name) => `export { refuse as ${name} };`),
        ].join('\n'),
      };
    });
  },
};
