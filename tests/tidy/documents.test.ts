/** Links lead somewhere, and the code in documents compiles. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import * as engine from '../../shared/index.ts';
import { FILES, ROOT, textOf } from './repository.ts';

const DOCUMENTS = FILES.filter((path) => path.endsWith('.md'));

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
  expect(
    broken.map(({ from, path, anchor }) => `${from}: ${path}${anchor ? `#${anchor}` : ''}`),
  ).toEqual([]);
});

/** Blocks marked `ts`, each on its document's own line, so that an error names the place. */
function blocksOf(path: string): { line: number; code: string }[] {
  const text = textOf(path);
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(({ 1: code = '', index }) => ({
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** What a block may leave out: the engine's exports, and the parts of the hot items job that it does not show. */
const PRELUDE = `
import type * as engine from '../../shared/index.ts';
import type { Row } from '../../shared/job/tables.ts';
import type { Duration } from '../../shared/model/time.ts';
import type * as events from '../../functions/hotItems/events.ts';
declare global {
  ${Object.keys(engine)
    .map((name) => `const ${name}: typeof engine.${name};`)
    .join('\n  ')}
  type UserBehavior = events.UserBehavior;
  const userBehavior: typeof events.userBehavior;
  const size: Duration, slide: Duration, lateness: Duration, outOfOrderness: Duration;
  function behavior(event: UserBehavior): string;
  function boards(kind: string, groups: ReadonlyMap<string, engine.IdTotals>): Row[];
}
`;

it('has TypeScript in documents that compiles', { timeout: 60_000 }, async () => {
  const cache = join(ROOT, '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'documents-'));
  try {
    const places = new Map<string, string>();
    for (const path of DOCUMENTS) {
      for (const { line, code } of blocksOf(path)) {
        const name = `block${places.size}.ts`;
        places.set(name, `${path}:${line}`);
        await writeFile(join(folder, name), `${located(code, path)}\nexport {};\n`);
      }
    }
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
    };
    await writeFile(join(folder, 'prelude.ts'), PRELUDE);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const output = places.size === 0 ? '' : await compile(folder);
    const named = output.replaceAll(
      /\S*(block\d+\.ts)/g,
      (_, name: string) => places.get(name) ?? name,
    );
    expect(named).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Relative imports of a document are from where it stands. */
function located(code: string, document: string): string {
  return code.replaceAll(/'(\.{1,2}\/[^']+)'/g, (_, target: string) => {
    const path = posix.join('../..', posix.dirname(document), target);
    return `'${path}'`;
  });
}

function compile(folder: string): Promise<string> {
  const args = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder];
  return promisify(execFile)(process.execPath, args).then(
    ({ stdout }) => stdout,
    (failure: { stdout: string }) => failure.stdout,
  );
}
