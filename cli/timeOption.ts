/** Times on the command line: ISO 8601, in UTC where no zone is given. */
import { UsageError } from '../inputs/usageError.ts';

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2}(\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** For commander: a parser of times, in epoch milliseconds. */
export function timeOption(name: string) {
  return (text: string): number => {
    const at = ISO_TIME.test(text) ? Date.parse(inFull(text)) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    throw new UsageError(
      `${name} is "${text}"; write a time such as 2019-05-21T09:30 (UTC) or 2019-05-21T17:30+08:00`,
    );
  };
}

/** With minutes and a zone: without a zone, JavaScript would take the machine's. */
function inFull(text: string): string {
  const [, date = '', time = '00:00', zone = 'Z'] =
    /^([\d-]{10})(?:T([\d:.]+))?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  return `${date}T${time.length === 2 ? `${time}:00` : time}${zone}`;
}
