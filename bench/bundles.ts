/** What a deployed function weighs: its bundle, and how long a fresh process needs to load it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunction } from '../infra/packaging/bundle.ts';
import { type Rounds, type Row, summarize } from './report.ts';

const SECTION = 'bundles';
const FUNCTIONS = fileURLToPath(new URL('../functions', import.meta.url));
const LOAD =
  'const t = performance.now(); require(process.argv[1]); console.log(performance.now() - t)';
const ENVIRONMENT = {
  NODE_OPTIONS: '--enable-source-maps',
  TIDEMARK_STAGE: 'prod',
  TIDEMARK_CLOSE_FUNCTION: 'tidemark-prod-closeWindows',
  TIDEMARK_FIRE_FUNCTION: 'tidemark-prod-fireTimers',
  AWS_REGION: 'us-east-1',
  POWERTOOLS_SERVICE_NAME: 'tidemark',
};

export async function measureBundles(rounds: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const rows: Row[] = [];
    for (const name of functionNames()) {
      const file = join(folder, 'handler.js');
      const { code, map } = await bundleFunction(name);
      writeFileSync(file, code);
      writeFileSync(`${file}.map`, map);
      const { median, best } = loadMs(file, rounds);
      rows.push(
        {
          section: SECTION,
          what: `${name}, minified`,
          measured: code.length / 1_000,
          unit: 'kB',
          budget: { atMost: 600 },
        },
        {
          section: SECTION,
          what: `${name}, import`,
          measured: median,
          best,
          unit: 'ms',
          budget: { atMost: 150 },
        },
      );
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const functionNames = (): string[] =>
  readdirSync(FUNCTIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

function loadMs(file: string, rounds: number): Rounds {
  const times = Array.from({ length: rounds }, () => {
    const options = { encoding: 'utf8', env: ENVIRONMENT } as const;
    return Number.parseFloat(execFileSync(process.execPath, ['-e', LOAD, file], options));
  });
  return summarize(times, 'less');
}
