/**
 * `npm run docs`: writes `docs/aggregates.md` from the docstrings of what `shared/index.ts` gives of `shared/aggregates`, with
 * the results of their examples. The compiler's API for docstrings is not stable yet, so they are read from the text.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Aggregator } from '../shared/aggregates/aggregator.ts';
import * as given from '../shared/index.ts';

const ROOT = new URL('..', import.meta.url);
const PAGE = new URL('docs/aggregates.md', ROOT);

const EVENTS = [
  { userId: 'u1', page: '/a', cents: 120 },
  { userId: 'u2', page: '/a', cents: 80 },
  { userId: 'u1', page: '/b', cents: 40 },
];

interface Documented {
  readonly name: string;
  readonly file: string;
  readonly about: string;
  /** What stands behind `State:` and `Exact:`. */
  readonly state: string;
  readonly exact: string;
  readonly parameters: readonly { readonly name: string; readonly about: string }[];
  readonly example: string;
}

const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

function exportsOf(index: string): { readonly name: string; readonly file: string }[] {
  return [...index.matchAll(/^export \{([^}]*)\} from '\.\/(aggregates\/\w+\.ts)'/gm)].flatMap(
    ([, names = '', file = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => !name.startsWith('type '))
        .map((name) => ({ name, file: `shared/${file}` })),
  );
}

/** Throws where a docstring, or a part of it, is missing. */
function documented({ name, file }: { name: string; file: string }): Documented {
  const pattern = new RegExp(
    `/\\*\\*\\n((?: \\*.*\\n)+?) \\*/\\nexport (?:function|const) ${name}\\b`,
  );
  const lines = pattern.exec(textOf(file))?.[1] ?? '';
  const text = lines.replaceAll(/^ \* ?/gm, '');
  const [prose = '', ...tags] = text.split(/^@/m);
  const [about = '', facts = ''] = prose.split('\n\n');
  const factOf = (word: string) =>
    joined(new RegExp(`^${word}: ([\\s\\S]*?)(?=^\\w+: |$(?![\\s\\S]))`, 'm').exec(facts)?.[1]);
  const tagsOf = (tag: string) =>
    tags.flatMap((each) => (each.startsWith(`${tag} `) ? [joined(each.slice(tag.length))] : []));
  const [example = ''] = tagsOf('example');
  const found = { about: joined(about), state: factOf('State'), exact: factOf('Exact'), example };
  const missing = Object.entries(found).find(([, each]) => each === '')?.[0];
  if (missing) throw new Error(`${file}: the docstring of ${name} has no ${missing}`);
  const parameters = tagsOf('param').map((each) => {
    const [parameter = '', ...rest] = each.split(' ');
    return { name: parameter, about: rest.join(' ') };
  });
  return { name, file, ...found, parameters };
}

const joined = (text = ''): string => text.replaceAll(/\s+/g, ' ').trim();

/** What an example gives: an aggregator of all events, anything else as it is. */
function resultOf(example: string): unknown {
  const code = `return ${example.replaceAll(': View', '')};`;
  const made: unknown = new Function(...Object.keys(given), code)(...Object.values(given));
  if (typeof made !== 'object' || made === null || !('init' in made)) return made;
  const aggregator = made as Aggregator<(typeof EVENTS)[number], unknown, unknown>;
  const accumulator = aggregator.init();
  for (const event of EVENTS) aggregator.add(accumulator, event);
  return aggregator.result(accumulator);
}

/** Maps as objects, and numbers with the digits that tell something. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Map) return Object.fromEntries(each);
    if (isIterable(each)) return Array.from(each, (inner) => JSON.parse(shown(inner)));
    return typeof each === 'number' ? Number(each.toFixed(3)) : each;
  });

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

const section = ({ name, file, about, state, exact, parameters, example }: Documented): string =>
  `## ${name}
${about}

| | |
|---|---|
${parameters.map((each) => `| \`${each.name}\` | ${each.about} |\n`).join('')}| state | ${state} |
| exact | ${exact} |
| example | \`${example}\` |
| gives | \`${shown(resultOf(example))}\` |

In [${file}](../${file}).
`;

export function aggregatesPage(): string {
  const all = exportsOf(textOf('shared/index.ts')).map(documented);
  const examples = all.map(({ name, example }) => `  ${name}: ${example},`).join('\n');
  return `<!-- Written by npm run docs, from the docstrings of shared/aggregates. -->
# Aggregates

What a window computes of its events: \`aggregate\` in the [declaration of a window job](jobs.md). All of them give the same result
in whatever order and batches events come, and merge without a loss. State is kept for each shard and slice of a
window (a slide, or the whole of a tumbling window), and deflated with all else in a commit.

The examples are of these three events:

\`\`\`json
${EVENTS.map((event) => JSON.stringify(event)).join('\n')}
\`\`\`

They compile as they stand:

\`\`\`ts
import { ${[...new Set(all.map(({ name }) => name))].sort().join(', ')} } from '../shared/index.ts';

interface View {
  readonly userId: string;
  readonly page: string;
  readonly cents: number;
}

export const examples = {
${examples}
};
\`\`\`

${all.map(section).join('\n')}`;
}

if (import.meta.main) writeFileSync(PAGE, aggregatesPage());
