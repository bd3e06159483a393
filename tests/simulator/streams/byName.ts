/** All streams, by name. */
import { adClicks } from './adClicks.ts';
import { appMarketing } from './appMarketing.ts';
import { logins } from './logins.ts';
import type { StreamModel } from './model.ts';
import { orders, receipts } from './orders.ts';
import { pageViews } from './pageViews.ts';
import { userBehavior } from './userBehavior.ts';

const MODELS = [userBehavior, pageViews, appMarketing, adClicks, logins, orders, receipts];

export function streamModel(name: string): StreamModel {
  const model = MODELS.find((each) => each.name === name);
  if (!model) throw new Error(`there is no model of the stream ${name}`);
  return model;
}
