/** Parameters of a request, checked against the route's schema; the first thing that is wrong is said. */
import type * as z from 'zod';
import { HttpProblem } from './httpProblem.ts';
import { quoted } from './quoted.ts';

/** @throws HttpProblem 400 */
export function parsed<Schema extends z.ZodType>(
  schema: Schema,
  given: Readonly<Record<string, string>>,
): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    throw new HttpProblem(400, `there is no parameter ${quoted(name)} here${known(schema)}`, name);
  }
  const name = String(issue?.path[0] ?? '');
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  const is = value === undefined ? 'is missing' : `is ${quoted(value)}`;
  throw new HttpProblem(400, `${name} ${is}; ${issue?.message}`, name);
}

const NAME = /^\w{1,30}$/;

/** Each parameter once: of two, nobody knows which is meant. @throws HttpProblem 400 */
export function singleValues(
  query: Readonly<Record<string, readonly string[]>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).map(([name, [value = '', ...others]]) => {
      if (others.length === 0) return [name, value];
      const what = NAME.test(name) ? name : quoted(name);
      throw new HttpProblem(400, `${what} is given ${others.length + 1} times; give it once`, name);
    }),
  );
}

function known(schema: z.ZodType): string {
  const names = 'shape' in schema ? Object.keys(schema.shape as object) : [];
  return names.length === 0 ? '' : `; there are ${names.join(', ')}`;
}
