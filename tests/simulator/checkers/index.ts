/** All checkers, by name. */
import type { Checker } from '../evidence.ts';
import { admissions } from './admissions.ts';
import { counts } from './counts.ts';
import { expiredEvents } from './expiredEvents.ts';
import { expiry } from './expiry.ts';
import { finality } from './finality.ts';
import { finalRows } from './finalRows.ts';
import { interimRows } from './interimRows.ts';
import { logs } from './logs.ts';
import { sideOutput } from './sideOutput.ts';
import { timing } from './timing.ts';

export const CHECKERS: Readonly<Record<string, Checker>> = {
  logs,
  admissions,
  counts,
  sideOutput,
  expiry,
  expiredEvents,
  finalRows,
  finality,
  interimRows,
  timing,
};
