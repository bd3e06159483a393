/**
 * `npm run cost`: prints in Markdown what the deployed system costs in a month at three rates, with the price of Amazon
 * Managed Service for Apache Flink beside it. The same output in every run: units are counted, nothing is timed.
 *
 * `--write` puts it into docs/operations.md, `--check` fails where that says something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { JOBS } from '../../functions/jobs.ts';
import { isPlanned } from './plans.ts';
import { PRICES } from './prices.ts';
import { renderCost } from './report.ts';
import { measureSystem } from './system.ts';

/** Events a second. The first is the one that what a job takes for an event is learned from. */
const RATES = [100, 1_000, 10_000] as const;
const DOCUMENT = new URL('../../docs/operations.md', import.meta.url);
const BEGIN = '<!-- npm run cost -- --write -->\n';
const END = '\n<!-- end of npm run cost -->';

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, check: { type: 'boolean' } },
});
for (const family of JOBS.filter((each) => !isPlanned(each))) {
  console.error(
    `${family.name} is left out, but for its alarms and metrics: bench/cost/plans.ts has no plan for it`,
  );
}
const cost = renderCost(await measureSystem(RATES), PRICES);
const text = readFileSync(DOCUMENT, 'utf8');
const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
if (from < BEGIN.length || to < from) throw new Error(`${DOCUMENT.pathname} has no place for it`);

if (values.write) {
  writeFileSync(DOCUMENT, `${text.slice(0, from)}${cost}${text.slice(to)}`);
} else if (!values.check) {
  console.log(cost);
} else if (text.slice(from, to) !== cost) {
  const written = text.slice(from, to).split('\n');
  const differences = cost.split('\n').filter((line) => !written.includes(line));
  console.error(
    `docs/operations.md is not what npm run cost prints; run npm run cost -- --write:\n${differences.join('\n')}`,
  );
  process.exitCode = 1;
}
