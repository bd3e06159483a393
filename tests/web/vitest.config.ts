import { defineConfig } from 'vitest/config';

/** The page in a real browser, against an API that the tests control: `npm run test:web`. */
export default defineConfig({
  test: {
    include: ['tests/web/**/*.test.ts'],
    pool: 'forks',
    // A browser of its own for each file would leave none of two cores to the pages.
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A page on a machine that is busy with others takes its time.
    expect: { poll: { timeout: 10_000 } },
  },
});
