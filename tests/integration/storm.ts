/** How much breaks in tests of what breaks: `TIDEMARK_STORM=100000,10` is so many events and breaks, `TIDEMARK_STORM_SEED` other moments. */

const [events, breaks] = (process.env['TIDEMARK_STORM'] ?? '')
  .split(',')
  .filter((text) => text !== '')
  .map(Number);

export const stormOf = (usual: { readonly events: number; readonly breaks: number }) => ({
  events: events ?? usual.events,
  breaks: breaks ?? usual.breaks,
  seed: Number(process.env['TIDEMARK_STORM_SEED'] ?? 1),
});

/** From 0 to 1. A linear congruence is as much chance as moments need. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const START_SECONDS = Date.UTC(2024, 0, 1, 9) / 1_000;

/** A CSV file of page views, five a second. */
export const viewsText = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `${n % 501},${n % 97},1,pv,${START_SECONDS + Math.floor(n / 5)}\n`,
  ).join('');
