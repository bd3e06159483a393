/** All checkers, by name. */
import type { Checker } from '../evidence.ts';
import { admissions } from './admissions.ts';
import { alerts } from './alerts.ts';
import { counts } from './counts.ts';
import { expiredEvents } from './expiredEvents.ts';
import { expiry } from './expiry.ts';
import { finality } from './finality.ts';
import { finalRows } from './finalRows.ts';
import { forwardedClocks } from './forwardedClocks.ts';
import { gates } from './gates.ts';
import { interimRows } from './interimRows.ts';
import { logs } from './logs.ts';
import { namedEvents } from './namedEvents.ts';
import { promptness } from './promptness.ts';
import { retiredLanes } from './retiredLanes.ts';
import { sideOutput } from './sideOutput.ts';
import { statusHistory } from './statusHistory.ts';
import { statusRows } from './statusRows.ts';
import { heldEvents } from './timers.ts';
import { timing } from './timing.ts';

export const CHECKERS: Readonly<Record<string, Checker>> = {
  logs,
  admissions,
  heldEvents,
  counts,
  forwardedClocks,
  namedEvents,
  retiredLanes,
  gates,
  sideOutput,
  expiry,
  expiredEvents,
  finalRows,
  finality,
  interimRows,
  alerts,
  promptness,
  statusRows,
  statusHistory,
  timing,
};
