/** What a schema finds wrong with a value, in our own words: one line, which becomes the dead letter's reason. */
import type * as z from 'zod';

const SHOWN_VALUE_LENGTH_MAX = 80;

/** `field: what it must be (found value)`. */
export function describeIssue(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  if (!issue) return 'is not an event of this stream';
  const place = issue.path.length > 0 ? issue.path.join('.') : 'event';
  const found = issue.path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
  return `${place}: ${issue.message} (found ${shown(found)})`;
}

const SHOWN_PARTS_MAX = 20;

/** A value may be a megabyte, or nested deeper than anything can write it: such a one is only named. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const start = typeof value === 'string' ? value.slice(0, SHOWN_VALUE_LENGTH_MAX) : value;
  if (!isSmall(start)) return Array.isArray(value) ? 'a long list' : 'a large object';
  return JSON.stringify(start).slice(0, SHOWN_VALUE_LENGTH_MAX).toWellFormed();
}

/** Whether it is made of few and short parts; looks at no more of them. */
function isSmall(value: unknown): boolean {
  let left = SHOWN_PARTS_MAX;
  const isPart = (part: unknown): boolean => {
    left -= 1;
    if (left < 0) return false;
    if (typeof part === 'string') return part.length <= SHOWN_VALUE_LENGTH_MAX;
    if (typeof part !== 'object' || part === null) return true;
    return Object.entries(part).every(([name, inner]) => isPart(name) && isPart(inner));
  };
  return isPart(value);
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a JSON object',
  record: 'a JSON object',
  string: 'text',
};

/** For a schema: says what is allowed where the schema does not say it itself; undefined leaves it to zod. */
export const IN_OUR_WORDS = {
  error(issue: z.core.$ZodRawIssue): string | undefined {
    switch (issue.code) {
      case 'invalid_type':
        return `must be ${JSON_TYPES[issue.expected] ?? issue.expected}`;
      case 'invalid_value':
        return oneOf(issue.values);
      case 'invalid_union':
        return Array.isArray(issue.options)
          ? oneOf(issue.options)
          : 'is none of the forms it may have';
      default:
        return undefined;
    }
  },
};

function oneOf(choices: readonly unknown[]): string {
  const shown = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return choices.length === 1 ? `must be ${shown}` : `must be one of ${shown}`;
}
