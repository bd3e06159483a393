/** Where buyers are lost: how many users viewed, put in the cart, and bought, per hour, in each category and in all. */
import {
  combine,
  type DoneCounts,
  doneBy,
  duration,
  grouped,
  having,
  job,
  minutes,
  parameterized,
  type Ranked,
  topN,
  tumbling,
  wholeNumber,
} from '../../shared/index.ts';
import { type UserBehavior, userBehavior } from './events.ts';

/** The row of all categories together; a category of this name has none of its own. */
const ALL = 'all';

const usersByWhatTheyDid = doneBy((event: UserBehavior) => event.userId, {
  viewed: ({ behavior }) => behavior === 'pv',
  carted: ({ behavior }) => behavior === 'cart',
  favored: ({ behavior }) => behavior === 'fav',
  bought: ({ behavior }) => behavior === 'buy',
});

export const funnel = parameterized(
  {
    top: wholeNumber(
      50,
      { min: 1, max: 200 },
      'how many categories have a row: those with most viewers',
    ),
    size: duration('1h', 'length of a window'),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
  },
  ({ top, size, lateness, outOfOrderness }) =>
    job({
      name: 'funnel',
      version: 1,
      source: userBehavior,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).window({
      assign: tumbling({ size }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: combine({
        all: usersByWhatTheyDid,
        categories: grouped(({ categoryId }: UserBehavior) => categoryId, usersByWhatTheyDid),
      }),
      table: { name: 'funnel', partitionKey: 'categoryId' },
      // A category that others have overtaken has no row any more.
      takesRowsAway: true,
      result: ({ all, categories }) => rows(all, categories, top),
      headline: {
        of: ALL,
        show: ({ viewers, buyers, viewToBuy = 0 }) => ({ viewers, buyers, viewToBuy }),
      },
    }),
);

interface Stages {
  readonly categoryId: string;
  /** Distinct users who did it in the window. */
  readonly viewers: number;
  readonly carters: number;
  readonly favers: number;
  readonly buyers: number;
  /** Of those who did the first, the part that did the second as well; absent where nobody did the first. */
  readonly viewToCart?: number;
  readonly cartToBuy?: number;
  readonly viewToBuy?: number;
  /** Of all: how many categories had a viewer, and those that have a row. */
  readonly categories?: number;
  readonly ranking?: readonly Ranked[];
}

function rows(all: DoneCounts, categories: ReadonlyMap<string, DoneCounts>, top: number): Stages[] {
  const viewers = new Map<string, number>();
  for (const [category, counts] of categories) {
    const some = having(counts, 'viewed');
    if (some > 0 && category !== ALL) viewers.set(category, some);
  }
  const ranking = topN(viewers, top);
  return [
    { ...stages(ALL, all), categories: viewers.size, ranking },
    ...ranking.map(({ id }) => stages(id, categories.get(id) as DoneCounts)),
  ];
}

function stages(categoryId: string, counts: DoneCounts): Stages {
  const viewers = having(counts, 'viewed');
  const carters = having(counts, 'carted');
  return {
    categoryId,
    viewers,
    carters,
    favers: having(counts, 'favored'),
    buyers: having(counts, 'bought'),
    ...share('viewToCart', having(counts, 'viewed', 'carted'), viewers),
    ...share('cartToBuy', having(counts, 'carted', 'bought'), carters),
    ...share('viewToBuy', having(counts, 'viewed', 'bought'), viewers),
  };
}

/** Four decimals: more of them say more than the events do. Multiplied first, so that 0.07125 is 0.0713 and not a bit less. */
const share = (name: string, some: number, of: number): Record<string, number> =>
  of === 0 ? {} : { [name]: Math.round((some * 10_000) / of) / 10_000 };
