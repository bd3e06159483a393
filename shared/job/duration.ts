/** Durations as people write them: `500ms`, `5s`, `15min`, `1h`, `1d`. */
import { JobDefinitionError } from '../errors.ts';
import { type Duration, milliseconds } from '../model/time.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Parses a duration; `name` says whose value it is in the error. */
export function parseDuration(text: string, name: string): Duration {
  const match = /^(\d{1,12})(ms|s|min|h|d)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (!match?.[1] || unit === undefined || !Number.isSafeInteger(Number(match[1]) * unit)) {
    throw new JobDefinitionError(
      `${name} is "${text}"; write a duration such as 500ms, 5s, 15min, 1h or 1d`,
    );
  }
  return milliseconds(Number.parseInt(match[1], 10) * unit);
}
