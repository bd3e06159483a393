/** Dependencies point inwards, and only the rim knows AWS. */
import { describe, expect, it } from 'vitest';
import { codeOf, FILES, filesIn, type Import, importsOf } from './repository.ts';

const SOURCES = [...filesIn('shared/', '.ts'), ...filesIn('functions/', '.ts')];
const show = ({ from, to }: Import) => `${from} → ${to}`;

/** Imports of these files that are neither of the allowed. */
function straying(files: readonly string[], isAllowed: (each: Import) => boolean): string[] {
  return files
    .flatMap(importsOf)
    .filter((each) => !isAllowed(each))
    .map(show);
}

const within =
  (...folders: string[]) =>
  ({ to, kind }: Import) =>
    kind === 'package' || folders.some((folder) => to.startsWith(folder));

describe('imports', () => {
  it('of the model stay in the model, errors apart, and need no package', () => {
    const allowed = (each: Import) =>
      each.kind === 'file' &&
      (each.to.startsWith('shared/model/') || each.to === 'shared/errors.ts');
    expect(straying(filesIn('shared/model/', '.ts'), allowed)).toEqual([]);
  });

  it('of aggregates reach the model only', () => {
    const allowed = within('shared/aggregates/', 'shared/model/', 'shared/errors.ts');
    expect(straying(filesIn('shared/aggregates/', '.ts'), allowed)).toEqual([]);
  });

  it.each([
    'shared/job/',
    'shared/operators/',
    'shared/records/',
    'shared/ports/',
    'shared/state/',
    'shared/runtime/',
  ])('of %s never reach adapters or the rim', (folder) => {
    const allowed = ({ to }: Import) =>
      !/^(shared\/(adapters\/(aws|memory)|lambda|index)|functions|cli|infra)/.test(to);
    expect(straying(filesIn(folder, '.ts'), allowed)).toEqual([]);
  });

  it.each(['shared/job/', 'shared/operators/', 'shared/aggregates/', 'shared/model/'])(
    'of %s reach neither runtime nor state',
    (folder) => {
      const allowed = ({ to }: Import) => !/^shared\/(runtime|state)\//.test(to);
      expect(straying(filesIn(folder, '.ts'), allowed)).toEqual([]);
    },
  );

  it('of functions go through shared/index.ts, and through shared/lambda in handlers', () => {
    const allowed = (each: Import) =>
      each.kind === 'package' ||
      each.to.startsWith('functions/') ||
      each.to === 'shared/index.ts' ||
      (each.from.endsWith('/handler.ts') && each.to.startsWith('shared/lambda/'));
    expect(straying(filesIn('functions/', '.ts'), allowed)).toEqual([]);
  });

  it('of an AWS SDK are at the rim only', () => {
    const rim =
      /^(shared\/adapters\/aws\/|shared\/lambda\/|infra\/|cli\/|scripts\/|bench\/|tests\/)/;
    const files = FILES.filter((path) => path.endsWith('.ts') && !rim.test(path));
    const allowed = ({ to }: Import) => !/^(@aws-sdk|@smithy|@aws-lambda-powertools|aws-)/.test(to);
    expect(straying(files, allowed)).toEqual([]);
  });

  it('make no cycle', () => {
    expect(cyclesIn(SOURCES)).toEqual([]);
  });

  it('see something: the checks above are not of an empty list', () => {
    expect(SOURCES.flatMap(importsOf).length).toBeGreaterThan(200);
  });
});

/** Cycles of files, each as the path that closes it. Types alone do not make one at run time. */
function cyclesIn(files: readonly string[]): string[] {
  const edges = new Map(files.map((path) => [path, runtimeImportsOf(path)]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'open') cycles.push([...trail, path].join(' → '));
    if (state.has(path)) return;
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of files) visit(path, []);
  return cycles;
}

function runtimeImportsOf(path: string): string[] {
  const typeOnly = new Set(
    [...codeOf(path).matchAll(/\b(?:import|export) type [^;]*?from '([^']+)'/g)].map(
      ([, to]) => to,
    ),
  );
  const isType = (to: string) =>
    [...typeOnly].some((target) => to.endsWith(target?.replace(/^[./]+/, '') ?? ' '));
  return importsOf(path)
    .filter(({ kind, to }) => kind === 'file' && !isType(to))
    .map(({ to }) => to);
}

describe('pure code', () => {
  const pure = [
    ...['shared/model/', 'shared/job/', 'shared/operators/', 'shared/aggregates/'].flatMap(
      (folder) => filesIn(folder, '.ts'),
    ),
    ...FILES.filter((path) => /^functions\/[^/]+\/(job|events)\.ts$/.test(path)),
  ];

  it.each([
    ['the clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/],
    ['chance', /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b/],
    ['the environment', /\bprocess\./],
    [
      'files, the network or timers',
      /'node:(fs|net|http|timers|child_process)|\bset(Timeout|Interval)\b|\bfetch\(/,
    ],
    ['promises', /\basync\b|\bawait\b|\bPromise\b/],
  ])('does not ask %s', (_, pattern) => {
    expect(pure.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });

  it('makes dates in one place, to write a time', () => {
    expect(pure.filter((path) => /\bDate\b/.test(codeOf(path)))).toEqual(['shared/model/time.ts']);
  });
});
