/** `npm run test:deploy`: apart from `npm test`, because it needs Python and takes minutes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/{clients,deploy}/**/*.test.ts'],
    globals: false,
    pool: 'forks',
    // A server and its functions need the machine for themselves.
    fileParallelism: false,
    // Each step builds on the one before it: what comes after a failure says nothing.
    bail: 1,
    globalSetup: ['tests/deploy/tools.ts'],
    // Longer than any wait in a test, which says what it waited for.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
