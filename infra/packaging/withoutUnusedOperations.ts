/**
 * The SDK's clients of REST interfaces describe each operation with a computed key, `{ [_h]: … }`, which esbuild takes for a side effect: a
 * function that calls one operation of Lambda had all of them, 50 kB. With the key itself in its place they are left out.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const MODULES = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const CONSTANT = /^const (\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

export const withoutUnusedOperations: Plugin = {
  name: 'without-unused-operations',
  setup({ onLoad }) {
    onLoad({ filter: MODULES }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const constants = new Map(
        [...source.matchAll(CONSTANT)].map(([, name, text]) => [name, text]),
      );
      const contents = source.replace(COMPUTED_KEY, (key, name: string) => {
        const text = constants.get(name);
        return text === undefined ? key : `${text}:`;
      });
      return { contents };
    });
  },
};
