/**
 * How long invocations take. Durations cannot be measured twice with the same result, so they follow from what is counted
 * (events, requests, read units) and from the constants here, which are `npm run bench`'s figures of November 2026, rounded
 * up: one core of a two-core machine, 1,024 MB of Lambda being 0.58 of a vCPU. Functions with more memory are faster; they
 * are taken to be as fast.
 */
export const DURATIONS = {
  millisecondsOf: {
    /** The envelope, and the two or three requests that wait for each other. */
    invocation: 20,
    /** A client process makes 1,000 requests/s on a core, whatever the latency: 32 are under way at once. */
    request: 2,
    /** Taking 4 KB of items apart. */
    readUnit: 0.1,
  },
  /**
   * Window and pattern jobs take 1.6 to 2.6 us of a core for a packed event ("ingest CPU", "keyed jobs, ingest CPU"),
   * status jobs and gates 9 to 12.
   */
  microsecondsAnEvent: { folded: 5, keyed: 20 },
} as const;
