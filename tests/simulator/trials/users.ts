/** Jobs that tell about users: profiles, whose windows have a row for every user and a summary, and the funnel, which takes rows away. */
import { funnel } from '../../../functions/funnel/job.ts';
import { userProfile } from '../../../functions/userProfile/job.ts';
import { funnels } from '../analyses/funnel.ts';
import { hourBounds, profiles, tagsOfAll } from '../analyses/profiles.ts';
import { windowAnalysis } from '../analyses/windows.ts';
import type { Behavior } from '../truth.ts';
import type { Trial } from './trial.ts';
import { windowTrial } from './windows.ts';

const A_DAY = 86_400_000;
const AN_HOUR = 3_600_000;

/** How far the clocks of a zone are ahead of UTC, at all times that events have here. */
const ZONES = {
  'Asia/Shanghai': 8 * AN_HOUR,
  'America/Caracas': -4 * AN_HOUR,
  'Asia/Kathmandu': 5.75 * AN_HOUR,
} as const;

interface Timing {
  readonly size: number;
  readonly lateness: number;
  readonly outOfOrderness: number;
}

/** By job: its variants. */
export const USER_TRIALS: readonly (readonly Trial[])[] = [
  [
    profileTrial('Asia/Shanghai', 2, { size: 30_000, lateness: 20_000, outOfOrderness: 5_000 }),
    // Days that begin at four, and at a quarter past six in the evening.
    profileTrial('America/Caracas', 1, { size: A_DAY, lateness: 20_000, outOfOrderness: 0 }),
    profileTrial('Asia/Kathmandu', 3, { size: A_DAY, lateness: 0, outOfOrderness: 2_000 }),
    profileTrial('Asia/Kathmandu', 5, { size: 600_000, lateness: 600_000, outOfOrderness: 0 }),
  ],
  [
    funnelTrial(2, { size: 30_000, lateness: 60_000, outOfOrderness: 2_000 }),
    funnelTrial(1, { size: 60_000, lateness: 600_000, outOfOrderness: 0 }),
    funnelTrial(2, { size: AN_HOUR, lateness: AN_HOUR, outOfOrderness: 2_000 }),
  ],
];

function profileTrial(zone: keyof typeof ZONES, top: number, timing: Timing): Trial {
  const ahead = ZONES[zone];
  const { size } = timing;
  const offset = size === A_DAY ? (A_DAY - ahead) % A_DAY : 0;
  const given = { ...timing, slide: size, offset, rows: profiles({ top, ahead }) };
  const { moments } = windowAnalysis<Behavior>(given);
  return windowTrial<Behavior>(userProfile.build({ top: String(top), zone, ...textsOf(timing) }), {
    ...given,
    groupedBy: 'tags',
    summary: { rows: tagsOfAll({ top, ahead }), mayShrink: ['users', 'share'] },
    moments: (at) => [...moments(at), ...hourBounds(at, ahead)],
  });
}

function funnelTrial(top: number, timing: Timing): Trial {
  return windowTrial<Behavior>(funnel.build({ top: String(top), ...textsOf(timing) }), {
    ...timing,
    slide: timing.size,
    rows: funnels(top),
    mayShrink: ['viewToCart', 'cartToBuy', 'viewToBuy'],
    takesRowsAway: true,
  });
}

function textsOf({ size, lateness, outOfOrderness }: Timing): Record<string, string> {
  return {
    size: size === A_DAY ? '1d' : `${size}ms`,
    lateness: `${lateness}ms`,
    outOfOrderness: `${outOfOrderness}ms`,
  };
}
