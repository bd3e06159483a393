/** Samples of streams: the same events for the same seed, everywhere. */
import { adClicks } from '../../functions/adBlacklist/events.ts';
import { appMarketing } from '../../functions/appPromotion/events.ts';
import { userBehavior } from '../../functions/hotItems/events.ts';
import { pageViews } from '../../functions/hotPages/events.ts';
import { logins } from '../../functions/loginFail/events.ts';
import { receipts } from '../../functions/orderReconcile/events.ts';
import { orders } from '../../functions/orderTimeout/events.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { InputEvent } from '../readInput.ts';
import { UsageError } from '../usageError.ts';
import { generateAdClicks } from './adClicks.ts';
import { generateAppMarketing } from './appMarketing.ts';
import { generateLogins } from './logins.ts';
import { generateOrders } from './orders.ts';
import { generatePageViews } from './pageViews.ts';
import { generateReceipts } from './receipts.ts';
import type { GeneratorOptions, Sample } from './sample.ts';
import { generateBehavior } from './userBehavior.ts';

export const SAMPLE_SEED = 1;

/**
 * All of the same two hours. Sizes that all jobs together finish in a minute on two cores. Receipts are half as many as
 * orders: then they are the receipts of these orders.
 */
const SAMPLES: Readonly<Record<StreamName, Sample>> = {
  [userBehavior.stream]: {
    generate: generateBehavior,
    events: 40_000,
    about: 'what users do in a shop on an evening: an item takes off, users of every kind',
  },
  [pageViews.stream]: {
    generate: generatePageViews,
    events: 6_000,
    about: 'requests to its web server: a sale',
  },
  [appMarketing.stream]: {
    generate: generateAppMarketing,
    events: 6_000,
    about: 'what its app’s advertising brings in five channels: a campaign',
  },
  [adClicks.stream]: {
    generate: generateAdClicks,
    events: 6_000,
    about: 'clicks on its ads: two click farms',
  },
  [logins.stream]: {
    generate: generateLogins,
    events: 4_000,
    about: 'attempts to log in: passwords mistyped and guessed, an attack',
  },
  [orders.stream]: {
    generate: generateOrders,
    events: 4_000,
    about: 'orders created and paid: payments fail for ten minutes',
  },
  [receipts.stream]: {
    generate: generateReceipts,
    events: 2_000,
    about: 'the receipts of twice as many events of orders: some missing, delayed, of no order',
  },
};

export const GENERATED_STREAMS: readonly StreamName[] = Object.keys(SAMPLES);

/** Of the evening. Throws UsageError where the stream has no generator. */
export function sampleOf(stream: StreamName): Omit<Sample, 'generate'> & GeneratorOptions {
  const { events, about } = found(stream);
  return { seed: SAMPLE_SEED, events, course: 'evening', about };
}

/** Throws UsageError where the stream has no generator. */
export const generateEvents = (
  stream: StreamName,
  options: GeneratorOptions,
): Generator<InputEvent> => found(stream).generate(options);

function found(stream: StreamName): Sample {
  const sample = Object.hasOwn(SAMPLES, stream) ? SAMPLES[stream] : undefined;
  if (sample) return sample;
  throw new UsageError(
    `there is no generator for "${stream}"; there is one for ${GENERATED_STREAMS.join(', ')}`,
  );
}
