/** Clicks on advertisements: few users and ads, so that some click too often. */
import type { AdClick } from '../truth.ts';
import { anId, type StreamModel } from './model.ts';

const PROVINCES = ['beijing', 'guangdong', 'shanghai'] as const;
const ADS = 3;

export const adClicks: StreamModel = {
  name: 'ad-clicks',
  partitionKey: (random, variety) => anId('u', random.below(variety)),
  event(userId, timestamp, random): AdClick {
    const province = random.pick(PROVINCES);
    // The first ad gets most of the clicks.
    const ad = random.chance(0.7) ? 0 : random.below(ADS);
    return { userId, adId: anId('ad', ad), province, city: `${province}-1`, timestamp };
  },
  garbage: [
    '{"userId":"1","adId":"2","province":"","city":"x","timestamp":1511658000000}',
    '{"userId":"1","province":"beijing","city":"beijing","timestamp":1511658000000}',
    '{"userId":"1","adId":2,"province":"beijing","city":"x","timestamp":1511658000000}',
  ],
};
