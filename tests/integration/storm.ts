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

const START_SECONDS = Date.UTC(2024, 0, 1, 9) / 1_000;

/** A CSV file of page views, five a second. */
export const viewsText = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `${n % 501},${n % 97},1,pv,${START_SECONDS + Math.floor(n / 5)}\n`,
  ).join('');
