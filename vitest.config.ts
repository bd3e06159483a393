import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Needs Python and minutes of its own: `npm run test:deploy`.
    exclude: ['tests/deploy/**'],
    globals: false,
    pool: 'forks',
    // The machines that check a change have two cores; the local stack's tests need one of them.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Far above any test that works, so that a hanging server ends the run instead of holding it.
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
