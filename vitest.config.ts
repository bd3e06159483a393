import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest; begun first, so that no worker is left alone with one of them in the end. */
const LONG = [
  'tests/simulator/canaries',
  'tests/simulator/moreCanaries',
  'tests/integration/flink',
  'tests/simulator/simulator',
  'tests/integration/',
  'tests/unit/infra/packaged',
  'tests/reference/',
  'tests/unit/runtime/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((part) => moduleId.includes(part));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Compiled code outlives a process: the tests start hundreds, of vitest, of the command line and of the simulator. */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

const ALL = 'tests/**/*.test.ts';
// Needs Python and minutes of its own: `npm run test:deploy`.
const DEPLOY = 'tests/{clients,deploy}/**';
// Needs a browser: `npm run test:web`.
const WEB = 'tests/web/**';
/**
 * These share nothing but code, so a worker takes the next file without a new process. Not those that
 * mock an SDK's client or set the environment.
 */
const PURE = [
  'aggregates',
  'bench',
  'functions',
  'job',
  'model',
  'operators',
  'ports',
  'records',
  'runtime',
  'state',
  'web',
]
  .map((folder) => `tests/unit/${folder}/**/*.test.ts`)
  .concat('tests/jobs/**/*.test.ts', 'tests/properties/**/*.test.ts');

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'apart', include: [ALL], exclude: [DEPLOY, WEB, ...PURE] } },
    ],
    globals: false,
    pool: 'forks',
    // The machines that check a change have two cores; the local stack's tests need one of them.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Far above any test that works, so that a hanging server ends the run instead of holding it.
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
