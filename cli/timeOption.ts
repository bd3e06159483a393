/** Times on the command line: ISO 8601, in UTC where no zone is given. */
import { existingTime } from '../inputs/lines/times.ts';
import { UsageError } from '../inputs/usageError.ts';
import { type EventTime, eventTime } from '../shared/model/time.ts';

const ISO_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?)(Z|[+-]\d{2}:\d{2})?)?$/;
const HOUR_DIGITS = 2;

/** For commander: a parser of times. */
export function timeOption(name: string) {
  return (text: string): EventTime => {
    const at = timeIn(text);
    if (at !== undefined) return eventTime(at);
    throw new UsageError(
      `${name} is "${text}"; write a time that exists, such as 2019-05-21T09:30 (UTC) or 2019-05-21T17:30+08:00`,
    );
  };
}

/** Without a zone, JavaScript would take the machine's. */
function timeIn(text: string): number | undefined {
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const [, date = '', time = '00:00', zone = 'Z'] = match;
  return existingTime(date, time.length === HOUR_DIGITS ? `${time}:00` : time, zone);
}
