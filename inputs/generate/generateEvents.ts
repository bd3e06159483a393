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
 * Sizes that all jobs together finish in a minute on two cores. Receipts are half as many as orders: then they
 * are the receipts of these orders.
 */
const SAMPLES: Readonly<Record<StreamName, Sample>> = {
  [userBehavior.stream]: {
    generate: generateBehavior,
    events: 40_000,
    about: 'a shop on an evening, 3 h: items on promotion, late events',
  },
  [pageViews.stream]: {
    generate: generatePageViews,
    events: 6_000,
    about: 'requests to its web server, 20 min: a sale begins',
  },
  [appMarketing.stream]: {
    generate: generateAppMarketing,
    events: 6_000,
    about: 'what an app’s advertising brings, 20 min, five channels',
  },
  [adClicks.stream]: {
    generate: generateAdClicks,
    events: 6_000,
    about: 'clicks on ads, 3 h over midnight: two click farms',
  },
  [logins.stream]: {
    generate: generateLogins,
    events: 4_000,
    about: 'attempts to log in, 3 h: passwords mistyped and guessed',
  },
  [orders.stream]: {
    generate: generateOrders,
    events: 4_000,
    about: 'orders created and paid, 3 h: some unpaid, paid late, not created, paid twice',
  },
  [receipts.stream]: {
    generate: generateReceipts,
    events: 2_000,
    about: 'the receipts of twice as many events of orders: some missing, delayed, of no order',
  },
};

export const GENERATED_STREAMS: readonly StreamName[] = Object.keys(SAMPLES);

/** Throws UsageError where the stream has no generator. */
export function sampleOf(stream: StreamName): Omit<Sample, 'generate'> & GeneratorOptions {
  const { events, about } = found(stream);
  return { seed: SAMPLE_SEED, events, about };
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
