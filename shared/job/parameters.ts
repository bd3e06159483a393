/**
 * Job parameters: one typed object per job, with a default each, overridable by text from the environment
 * and the command line, and validated before anything starts.
 */
import { JobDefinitionError } from '../errors.ts';
import { type Duration, milliseconds } from '../model/time.ts';

export interface Parameter<T> {
  readonly defaultText: string;
  /** What it means, for `--help`. */
  readonly about: string;
  parse(text: string, name: string): T;
}

export type ParameterSet = Readonly<Record<string, Parameter<unknown>>>;

export type ParameterValues<Set extends ParameterSet> = {
  readonly [Name in keyof Set]: Set[Name] extends Parameter<infer T> ? T : never;
};

/** Overrides by parameter name, as text. */
export type ParameterTexts = Readonly<Record<string, string>>;

/** `min`: the shortest that makes sense, where none does not. */
export function duration(
  defaultText: string,
  about: string,
  { min = '0ms' }: { readonly min?: string } = {},
): Parameter<Duration> {
  const shortest = parseDuration(min, 'min');
  return {
    defaultText,
    about,
    parse(text, name) {
      const value = parseDuration(text, name);
      if (value >= shortest) return value;
      throw new JobDefinitionError(`${name} is "${text}"; give a duration of at least ${min}`);
    },
  };
}

export function wholeNumber(
  defaultValue: number,
  range: { min: number; max: number },
  about: string,
): Parameter<number> {
  return {
    defaultText: String(defaultValue),
    about,
    parse(text, name) {
      const value = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
      if (!(value >= range.min && value <= range.max)) {
        throw new JobDefinitionError(
          `${name} is "${text}"; give a whole number from ${range.min} to ${range.max}`,
        );
      }
      return value;
    },
  };
}

export function oneOf<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  about: string,
): Parameter<Choice> {
  return {
    defaultText: choices[0],
    about,
    parse(text, name) {
      const choice = choices.find((each) => each === text);
      if (choice === undefined) {
        throw new JobDefinitionError(`${name} is "${text}"; give one of ${choices.join(', ')}`);
      }
      return choice;
    },
  };
}

export function timeZone(defaultText: string, about: string): Parameter<string> {
  return {
    defaultText,
    about,
    parse(text, name) {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
      } catch {
        throw new JobDefinitionError(
          `${name} is "${text}"; give a time zone such as UTC or Asia/Shanghai`,
        );
      }
    },
  };
}

/** All parameters, from their texts or defaults. An unknown name is an error, not ignored. */
export function parseParameters<Set extends ParameterSet>(
  set: Set,
  texts: ParameterTexts,
): ParameterValues<Set> {
  const unknown = Object.keys(texts).find((name) => !Object.hasOwn(set, name));
  if (unknown !== undefined) {
    throw new JobDefinitionError(
      `there is no parameter "${unknown}"; there are ${Object.keys(set).join(', ')}`,
    );
  }
  const values = Object.entries(set).map(([name, parameter]) => [
    name,
    parameter.parse(texts[name] ?? parameter.defaultText, name),
  ]);
  return Object.fromEntries(values) as ParameterValues<Set>;
}

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
