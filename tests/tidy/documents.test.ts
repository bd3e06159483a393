/**
 * Links lead somewhere, and the code in documents is code: a TypeScript block with imports compiles as it stands, and one
 * without is an excerpt of the file that the text before it links to, which compiles with everything else.
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { compiled } from '../support/compiled.ts';
import { FILES, ROOT, textOf } from './repository.ts';

const DOCUMENTS = FILES.filter((path) => path.endsWith('.md') || path === 'llms.txt');

interface Link {
  readonly from: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf(from: string): Link[] {
  const prose = textOf(from).replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { from, anchor, path: path === '' ? from : posix.join(posix.dirname(from), path) };
    });
}

/** As GitHub makes them from headings. */
const anchorsOf = (path: string): string[] =>
  [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

function isBroken({ path, anchor }: Link): boolean {
  if (!existsSync(join(ROOT, path))) return true;
  return anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor);
}

it('has links that lead to files and headings', () => {
  const broken = DOCUMENTS.flatMap(linksOf).filter(isBroken);
  expect(linksOf('llms.txt').length).toBeGreaterThan(10);
  expect(
    broken.map(({ from, path, anchor }) => `${from}: ${path}${anchor ? `#${anchor}` : ''}`),
  ).toEqual([]);
});

interface Block {
  readonly document: string;
  /** Where its code begins. */
  readonly line: number;
  readonly code: string;
  /** The last file of code that is linked to before it. */
  readonly linked: string;
}

function blocksOf(document: string): Block[] {
  const text = textOf(document);
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(({ 1: code = '', index }) => {
    const before = text.slice(0, index);
    const [, target = ''] = [...before.matchAll(/\]\(([^)\s]+\.ts)\)/g)].at(-1) ?? [];
    const linked = posix.join(posix.dirname(document), target);
    return { document, line: before.split('\n').length + 1, code, linked };
  });
}

const BLOCKS = DOCUMENTS.flatMap(blocksOf);
const placeOf = ({ document, line }: Block): string => `${document}:${line}`;
const hasImports = ({ code }: Block): boolean => /^import /m.test(code);

/** Without what a formatter decides. */
const unformatted = (code: string): string =>
  code.replaceAll(/\s+/g, '').replaceAll(/,(?=[)\]}])/g, '');

it('has excerpts of code that say what their file says', () => {
  const excerpts = BLOCKS.filter((block) => !hasImports(block));
  const isPart = ({ code, linked }: Block) =>
    linked.endsWith('.ts') && unformatted(textOf(linked)).includes(unformatted(code));
  expect(excerpts.filter((block) => !isPart(block)).map(placeOf)).toEqual([]);
  expect(excerpts.map(placeOf).join()).toContain('README.md:');
});

it('has TypeScript in documents that compiles', { timeout: 60_000 }, async () => {
  const blocks = BLOCKS.filter(hasImports);
  expect(blocks.length).toBeGreaterThan(0);
  const files = blocks.map(({ code, document }, i) => [`block${i}.ts`, located(code, document)]);
  const output = await compiled(Object.fromEntries(files));
  const placed = output.replaceAll(/\S*block(\d+)\.ts/g, (_, i) => placeOf(blocks[i] as Block));
  expect(placed).toBe('');
});

/** Relative imports of a document are from where it stands. */
function located(code: string, document: string): string {
  return code.replaceAll(/'(\.{1,2}\/[^']+)'/g, (_, target: string) => {
    const path = posix.join('../..', posix.dirname(document), target);
    return `'${path}'`;
  });
}
