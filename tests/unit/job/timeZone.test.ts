/** The parameter that names a time zone. */
import { expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { parseParameters, timeZone } from '../../../shared/job/parameters.ts';
import { dayIn } from '../../../shared/model/day.ts';
import { eventTime } from '../../../shared/model/time.ts';

const ZONE = { zone: timeZone('Asia/Shanghai', 'where a day begins') };
const zoneOf = (texts: Record<string, string>): string => parseParameters(ZONE, texts).zone;

it('is the default where nothing is said', () => {
  expect(zoneOf({})).toBe('Asia/Shanghai');
});

it.each([
  ['UTC', 'UTC'],
  ['Europe/Berlin', 'Europe/Berlin'],
  ['america/new_york', 'America/New_York'],
  ['+08:00', '+08:00'],
])('takes %s', (text, zone) => {
  expect(zoneOf({ zone: text })).toBe(zone);
});

it.each(['', 'Shanghai', 'Mars/Olympus', 'UTC+8', ' UTC', '8', 'Asia/'])(
  'refuses %j and says what it takes',
  (text) => {
    expect(() => zoneOf({ zone: text })).toThrow(JobDefinitionError);
    expect(() => zoneOf({ zone: text })).toThrow(
      `zone is "${text}"; give a time zone such as UTC or Asia/Shanghai`,
    );
  },
);

it('gives a zone in which days can be told, whatever it was written like', () => {
  const midnight = Date.parse('2017-11-25T16:00:00Z');
  for (const text of ['asia/shanghai', '+08:00']) {
    const day = dayIn(zoneOf({ zone: text }));
    expect([midnight - 1, midnight].map((at) => day(eventTime(at)))).toEqual([
      '2017-11-25',
      '2017-11-26',
    ]);
  }
});
