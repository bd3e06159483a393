/** A new job's lines in the lists that people and code read: `functions/jobs.ts`, and the table of the README. */
import { CommandFailure } from '../failure.ts';
import type { NewTable } from './kinds.ts';
import type { Names } from './names.ts';

/** The formatter sorts the imports. */
export function withJob(file: string, { camel }: Names): string {
  const listed = replaced(
    file,
    /(INGEST_JOBS: [^=]*= \w+\(\{\n(?: {2}\w+,\n)*)/,
    `$1  ${camel},\n`,
    'functions/jobs.ts',
  );
  const line = `import { ${camel} } from './${camel}/job.ts';\n`;
  return replaced(listed, /((?:^import .*\n)+)/m, `$1${line}`, 'functions/jobs.ts');
}

export function withRow(
  readme: string,
  { kebab, camel }: Names,
  row: { readonly question: string; readonly how: string; readonly tables: readonly NewTable[] },
): string {
  const tables = row.tables.map(({ names, keys }) => `\`${names.kebab}\` (${keys.join(', ')})`);
  const job = `[${camel}](functions/${camel}/README.md) (\`${kebab}\`)`;
  const line = `| ${job} | ${row.question} | ${row.how} | ${tables.join(', ')} |\n`;
  // Behind the last one.
  return replaced(
    readme,
    /((?:^\| \[\w+\]\(functions\/.*\n)+)/m,
    (rows) => `${rows}${line}`,
    'README.md',
  );
}

function replaced(
  text: string,
  place: RegExp,
  by: string | ((found: string) => string),
  file: string,
): string {
  if (!place.test(text)) {
    throw new CommandFailure(`${file} has no list of jobs where it was; see docs/jobs.md`);
  }
  return typeof by === 'string' ? text.replace(place, by) : text.replace(place, by);
}
