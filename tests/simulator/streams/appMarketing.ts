/** What a channel's advertising made users do with the app. */
import type { Promotion } from '../truth.ts';
import type { StreamModel } from './model.ts';

export const appMarketing: StreamModel = {
  name: 'app-marketing',
  partitionKey: (random, variety) => `channel-${random.below(variety)}`,
  event: (channel, timestamp, random): Promotion => ({
    userId: `u${random.below(9)}`,
    channel,
    behavior: random.pick(['CLICK', 'CLICK', 'DOWNLOAD', 'INSTALL', 'UNINSTALL']),
    timestamp,
  }),
  garbage: [
    '{"userId":"1","channel":"total","behavior":"CLICK","timestamp":1511658000000}',
    '{"userId":"1","channel":"x","behavior":"click","timestamp":1511658000000}',
    '{"userId":"1","behavior":"CLICK","timestamp":1511658000000}',
  ],
};
