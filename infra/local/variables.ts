/**
 * The variables of `serverless.yml`, as far as this project uses them: `${file(path)}`, `${sls:stage}`,
 * `${param:name}` and `${self:path}`, and several separated by commas, of which the first with a value counts.
 * CloudFormation's own `${AWS::Region}` stays as it is. Anything else is an error that names its place, so that the
 * local stack never runs with half a definition.
 *
 * `${env:NAME}` has no value: the local stack is the same on every machine. Of what scripts generate
 * (`${file(script.js):name}`) it has what its caller gives by name, such as schedules, and that may have variables in it; the rest is
 * nothing, since roles, alarms and the like have no meaning here.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

export interface VariableContext {
  /** The folder of `serverless.yml`; `${file()}` is relative to it. */
  readonly root: string;
  readonly stage: string;
  /** What `${param:name}` may refer to, for this stage. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The parsed `serverless.yml`, for `${self:path}`. */
  readonly self: unknown;
  /** What scripts generate, by name, with variables of its own. */
  readonly generated: Readonly<Record<string, unknown>>;
}

const VARIABLE = /\$\{([^${}]*)\}/g;

/** The document with every variable replaced. `place` says where we are, for errors. */
export function resolveVariables(value: unknown, context: VariableContext, place: string): unknown {
  if (typeof value === 'string') return resolveText(value, context, place);
  if (Array.isArray(value)) {
    return value.map((each, i) => resolveVariables(each, context, `${place}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      resolveVariables(each, context, place === '' ? name : `${place}.${name}`),
    ]),
  );
}

/** A text that is one variable takes the variable's value and type; others have theirs spliced in. */
function resolveText(text: string, context: VariableContext, place: string): unknown {
  const whole = /^\$\{([^${}]*)\}$/.exec(text)?.[1];
  if (whole !== undefined && !isCloudFormation(whole)) return lookUp(whole, context, place);
  const spliced = text.replace(VARIABLE, (match, expression: string) => {
    if (isCloudFormation(expression)) return match;
    const value = lookUp(expression, context, place);
    if (typeof value === 'object') {
      throw new Error(`${place}: \${${expression}} is not text and stands inside "${text}"`);
    }
    return String(value);
  });
  for (const [, expression = ''] of spliced.matchAll(VARIABLE)) {
    if (isCloudFormation(expression)) continue;
    throw new Error(`${place}: the local stack does not know a variable inside another: "${text}"`);
  }
  return spliced;
}

const isCloudFormation = (expression: string): boolean => expression.startsWith('AWS::');

function lookUp(expression: string, context: VariableContext, place: string): unknown {
  for (const alternative of expression.split(/,\s*/)) {
    const value = variable(alternative, context, place);
    if (value !== undefined && value !== null) return value;
  }
  throw new Error(`${place}: \${${expression}} has no value`);
}

function variable(expression: string, context: VariableContext, place: string): unknown {
  const generated = /^file\([^()]+\.js\):(\w+)$/.exec(expression)?.[1];
  if (generated !== undefined) {
    return resolveVariables(context.generated[generated] ?? {}, context, `generated ${generated}`);
  }
  const file = /^file\(([^()]+)\)$/.exec(expression)?.[1];
  if (file !== undefined) {
    const content: unknown = parse(readFileSync(resolve(context.root, file), 'utf8'), {
      merge: true,
    });
    return resolveVariables(content, context, file);
  }
  if (expression === 'sls:stage') return context.stage;
  if (/^env:\w+$/.test(expression)) return undefined;
  const parameter = /^param:([\w-]+)$/.exec(expression)?.[1];
  if (parameter !== undefined) return context.parameters[parameter];
  const path = /^self:([\w.-]+)$/.exec(expression)?.[1];
  if (path !== undefined) {
    return resolveVariables(at(context.self, path.split('.')), context, `self:${path}`);
  }
  throw new Error(
    `${place}: the local stack does not know the variable \${${expression}}; ` +
      'it knows file(path), sls:stage, param:name and self:path',
  );
}

function at(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
    document,
  );
}
