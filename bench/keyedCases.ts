/** The keyed jobs with the streams that they are measured on. */
import { adBlacklist } from '../functions/adBlacklist/job.ts';
import { loginFail } from '../functions/loginFail/job.ts';
import { orderReconcile } from '../functions/orderReconcile/job.ts';
import { orderTimeout } from '../functions/orderTimeout/job.ts';
import type { Job } from '../shared/job/job.ts';
import type { KeyedLine } from './keyedEvents.ts';
import { generatedLines } from './keyedEvents.ts';
import {
  type NaiveWorkOf,
  naiveAdBlacklist,
  naiveLoginFail,
  naiveOrderReconcile,
  naiveOrderTimeout,
} from './keyedNaive.ts';
import type { Units } from './stand.ts';

export interface KeyedCase {
  readonly job: Job;
  readonly lines: readonly KeyedLine[];
  readonly naive: NaiveWorkOf;
  /** Of everything that the job does, per event. */
  readonly budget?: Units;
}

/** @param events of each job; they take three hours. */
export async function keyedCases(events: number): Promise<readonly KeyedCase[]> {
  const third = Math.floor(events / 3);
  return [
    {
      job: orderTimeout.build(),
      lines: await generatedLines([{ stream: 'orders', events }]),
      naive: naiveOrderTimeout,
      budget: { write: 1.2, read: 1.2 },
    },
    {
      job: orderReconcile.build(),
      lines: await generatedLines([
        { stream: 'orders', events: 2 * third },
        { stream: 'receipts', events: third },
      ]),
      naive: naiveOrderReconcile,
    },
    {
      job: loginFail.build(),
      lines: await generatedLines([{ stream: 'logins', events }]),
      naive: naiveLoginFail,
    },
    {
      job: adBlacklist.build(),
      lines: await generatedLines([{ stream: 'ad-clicks', events }]),
      naive: naiveAdBlacklist,
    },
  ];
}
