/** What a deployed function weighs: its bundle, and how long a fresh process needs to load it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunction } from '../infra/packaging/bundle.ts';
import { withFolder } from './inChild.ts';
import { type Rounds, type Row, rowsIn, summarize } from './report.ts';

const row = rowsIn('bundles');
/** It answers HTTP, and has no client of Kinesis. */
const KB_MAX: Readonly<Record<string, number>> = { api: 700 };
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

export function measureBundles(rounds: number): Promise<Row[]> {
  return withFolder(async (folder) => {
    const rows: Row[] = [];
    const folders = readdirSync(FUNCTIONS, { withFileTypes: true });
    for (const { name } of folders.filter((entry) => entry.isDirectory())) {
      const file = join(folder, 'handler.js');
      const { code, map, beside } = await bundleFunction(name);
      writeFileSync(file, code);
      writeFileSync(`${file}.map`, map);
      for (const [other, content] of beside) writeFileSync(join(folder, other), content);
      rows.push(
        row(`${name}, minified`, code.length / 1_024, 'KB', { atMost: KB_MAX[name] ?? 600 }),
        row(`${name}, import`, loadMs(file, rounds), 'ms', { atMost: 150 }),
      );
    }
    return rows;
  });
}

function loadMs(file: string, rounds: number): Rounds {
  const times = Array.from({ length: rounds }, () => {
    const options = { encoding: 'utf8', env: ENVIRONMENT } as const;
    return Number.parseFloat(execFileSync(process.execPath, ['-e', LOAD, file], options));
  });
  return summarize(times, 'less');
}
