/** Folders, sizes, and what no file may hold. */
import { describe, expect, it } from 'vitest';
import { FILES, filesIn, textOf } from './repository.ts';

const LINES_MAX = 300;
/** Files that are longer, with their lines: they only shrink. */
const LONG_FILES: Readonly<Record<string, number>> = {};

const SCHEDULED = ['closeWindows', 'fireTimers'];
/** What a job computes of each of its rows, where that is a matter of its own; and names that a browser needs without the engine. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  userProfile: ['profile.ts', 'tagNames.ts', 'tags.ts'],
};

describe('a folder of functions', () => {
  const folders = new Set(
    FILES.filter((path) => /^functions\/(?!api\/)[^/]+\/./.test(path)).map(
      (path) => path.split('/')[1] ?? '',
    ),
  );

  it.each([...folders])('%s has the files that every one has', (folder) => {
    const files = SCHEDULED.includes(folder)
      ? ['README.md', 'handler.ts']
      : ['README.md', 'events.ts', 'handler.ts', 'job.ts'];
    const found = FILES.filter((path) => path.startsWith(`functions/${folder}/`));
    const names = found.map((path) => path.slice(`functions/${folder}/`.length)).sort();
    // The one function that answers people is more than a job.
    if (folder === 'api')
      expect(names).toEqual(expect.arrayContaining(['README.md', 'handler.ts']));
    else expect(names).toEqual([...files, ...(BESIDE[folder] ?? [])].sort());
  });

  it.each([...folders])('%s has a handler of a few lines', (folder) => {
    const lines = textOf(`functions/${folder}/handler.ts`).split('\n').length;
    expect(lines).toBeLessThanOrEqual(12);
  });
});

describe('files', () => {
  const code = FILES.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));

  it('have 300 lines at most', () => {
    const long = code
      .map((path) => [path, textOf(path).split('\n').length - 1] as const)
      .filter(([path, lines]) => lines > (LONG_FILES[path] ?? LINES_MAX));
    expect(long).toEqual([]);
  });

  it('that were longer and no longer are, leave the list', () => {
    const shrunk = Object.entries(LONG_FILES).filter(
      ([path, lines]) => !code.includes(path) || textOf(path).split('\n').length - 1 < lines,
    );
    expect(shrunk).toEqual([]);
  });

  it('are named in camel case', () => {
    const odd = code.filter(
      (path) =>
        !path.split('/').every((part) => /^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(part)),
    );
    expect(odd.filter((path) => !path.startsWith('.'))).toEqual([]);
  });

  it('of the engine export names, never a default, never everything', () => {
    const pattern = /^export (default|\*)/m;
    const sources = [...filesIn('shared/', '.ts'), ...filesIn('functions/', '.ts')];
    expect(sources.filter((path) => pattern.test(textOf(path)))).toEqual([]);
  });

  it('of the engine open with what they are, unless their name says all', () => {
    const silent = filesIn('shared/', '.ts').filter((path) => !textOf(path).includes('/**'));
    expect(silent).toEqual([]);
  });
});

describe('no file', () => {
  const text = FILES.filter((path) => !/\.(gz|png|jpg|ico|zip)$/.test(path));
  const holding = (pattern: RegExp) => text.filter((path) => pattern.test(textOf(path)));
  // Put together here, so that this file does not hold them itself.
  const slash = '/';

  it('names a folder of somebody’s machine', () => {
    const folders = ['home', 'work', 'root', 'Users'].map((name) => `${slash}${name}${slash}`);
    const pattern = new RegExp(`(^|[\\s"'\`(=:])(${folders.join('|')})[\\w.-]`, 'm');
    expect(holding(pattern)).toEqual([]);
  });

  it('names the host of a package registry', () => {
    const hosts = ['registry.npm', 'npm.pkg', 'artifactory', 'verdaccio', 'nexus'].map(
      (host) => `${host}`,
    );
    const pattern = new RegExp(
      `https?:${slash}${slash}[^\\s"']*(${hosts.join('|').replaceAll('.', '\\.')})`,
    );
    expect(holding(pattern)).toEqual([]);
  });

  it('holds a download address in the lockfile', () => {
    expect(textOf('package-lock.json')).not.toContain(`"${'resolved'}"`);
  });

  it('holds what looks like a key of an AWS account', () => {
    expect(holding(/\b(AKIA|ASIA)[A-Z0-9]{16}\b/)).toEqual([]);
  });
});
