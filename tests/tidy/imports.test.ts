/** Dependencies point inwards, and only the rim knows AWS. */
import { describe, expect, it } from 'vitest';
import { codeOf, FILES, filesIn, type Import, importsOf } from './repository.ts';

const show = ({ from, to }: Import) => `${from} → ${to}`;

/** Imports of these files that are neither of the allowed. */
function straying(files: readonly string[], isAllowed: (each: Import) => boolean): string[] {
  return files
    .flatMap(importsOf)
    .filter((each) => !isAllowed(each))
    .map(show);
}

/** From the inside out: a file may import what is in its own layer or in one before it, types as well. */
const LAYERS = [
  'shared/errors.ts',
  'shared/model/',
  'shared/ports/',
  'shared/aggregates/',
  'shared/records/',
  'shared/producer/',
  'shared/job/',
  'shared/index.ts',
  'shared/operators/',
  'shared/state/',
  'shared/runtime/',
  'shared/engine.ts',
  'shared/adapters/',
  'shared/lambda/',
  'shared/health/',
  'functions/',
  'functions/api/',
  'web/',
  'inputs/',
  'cli/',
  'infra/',
  'bench/',
  'scripts/',
  'tests/',
  'templates/',
];

const byLength = (a: string, b: string): number => b.length - a.length;

/** The place that says most of where the file is. */
function layerOf(path: string): number {
  const [place] = LAYERS.filter((each) => path.startsWith(each)).sort(byLength);
  if (place === undefined) throw new Error(`${path} is in no layer`);
  return LAYERS.indexOf(place);
}

/** `shared/state/lane`; undefined for a file that stands in its layer itself. */
const roomOf = (path: string): string | undefined =>
  /^(shared\/\w+|inputs|cli|infra|bench|web)\/\w+(?=\/)/.exec(path)?.[0];

const CODE = FILES.filter((path) => path.endsWith('.ts') && path.includes('/'));

describe('imports', () => {
  it('run inwards only', () => {
    const inwards = ({ from, to, kind }: Import) =>
      kind === 'package' || !to.endsWith('.ts') || layerOf(to) <= layerOf(from);
    expect(straying(CODE, inwards)).toEqual([]);
  });

  it('between two rooms of a layer run one way only', () => {
    const ways = new Set(
      CODE.flatMap(importsOf)
        .map(({ from, to }) => [roomOf(from), roomOf(to)] as const)
        .filter(([from, to]) => from !== to && from !== undefined && to !== undefined)
        .map(([from, to]) => `${from} → ${to}`),
    );
    const both = [...ways].filter((way) => ways.has(way.split(' → ').reverse().join(' → ')));
    expect(both).toEqual([]);
  });

  it('of pure layers need no package but zod, protobuf and what node computes', () => {
    const pure = LAYERS.slice(0, LAYERS.indexOf('shared/engine.ts')).filter(
      (place) => place !== 'shared/producer/',
    );
    const files = CODE.filter((path) => pure.some((place) => path.startsWith(place)));
    const allowed = ({ to, kind }: Import) =>
      kind === 'file' || /^(node:(crypto|zlib|util|buffer)|zod|@bufbuild\/protobuf)/.test(to);
    expect(straying(files, allowed)).toEqual([]);
  });

  it('of jobs go through shared/index.ts, and through shared/lambda in handlers', () => {
    const allowed = (each: Import) =>
      each.kind === 'package' ||
      each.to.startsWith('functions/') ||
      each.to === 'shared/index.ts' ||
      (each.from.endsWith('/handler.ts') && each.to.startsWith('shared/lambda/'));
    const jobs = filesIn('functions/', '.ts').filter((path) => !path.startsWith('functions/api/'));
    expect(straying(jobs, allowed)).toEqual([]);
  });

  it('of an AWS SDK are at the rim only', () => {
    const rim = /^(shared\/adapters\/aws\/|shared\/lambda\/|infra\/|cli\/|bench\/|tests\/)/;
    const files = FILES.filter((path) => path.endsWith('.ts') && !rim.test(path));
    const allowed = ({ to }: Import) => !/^(@aws-sdk|@smithy|@aws-lambda-powertools|aws-)/.test(to);
    expect(straying(files, allowed)).toEqual([]);
  });

  it("of Hono's adapter for Lambda, which is deprecated, are in one file", () => {
    const importing = CODE.filter((path) =>
      importsOf(path).some(({ to }) => to === 'hono/aws-lambda'),
    );
    const files = importing.filter((path) => !path.startsWith('tests/'));
    expect(files).toEqual(['shared/lambda/apiHandler.ts']);
  });

  it('of the page take types alone from the API, and no package but lit-html', () => {
    const allowed = ({ from, to, kind }: Import) => {
      if (kind === 'package') return /^lit-html(\/|$)/.test(to);
      const isOfApi = to.startsWith('functions/');
      return isOfApi ? takesTypesAlone(from, to) : /^(web|shared\/model)\//.test(to);
    };
    expect(straying(filesIn('web/', '.ts'), allowed)).toEqual([]);
  });

  it('make no cycle', () => {
    expect(cyclesIn(CODE)).toEqual([]);
  });

  it('see something: the checks above are not of an empty list', () => {
    expect(CODE.flatMap(importsOf).length).toBeGreaterThan(2_000);
  });
});

/** Nothing of it is in the bundle then. */
function takesTypesAlone(from: string, to: string): boolean {
  const name = to.split('/').at(-1);
  const [, all = ''] =
    codeOf(from).match(new RegExp(`((?:import|export)[^;]*)'[^']*/${name}'`)) ?? [];
  return /^import type /.test(all.slice(all.lastIndexOf('import')));
}

/** Cycles of files, each as the path that closes it; a type that is imported makes one as well. */
function cyclesIn(files: readonly string[]): string[] {
  const edges = new Map(
    files.map((path) => [
      path,
      importsOf(path)
        .filter(({ kind }) => kind === 'file')
        .map(({ to }) => to),
    ]),
  );
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
    expect(pure.filter((path) => /\bDate\s*[.(]/.test(codeOf(path)))).toEqual([
      'shared/model/time.ts',
    ]);
  });
});
