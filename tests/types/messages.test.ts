/**
 * What the compiler says of a wrong declaration: few lines, none too long, with the words that lead to the remedy. A declaration here
 * is right but for one property.
 */
import { beforeAll, expect, it } from 'vitest';
import { compiled } from '../support/compiled.ts';

type Properties = Readonly<Record<string, string>>;

const SOURCE: Properties = {
  stream: "'views'",
  schema: 'z.object({ userId: id(), cents: integer(), timestamp: epochMilliseconds() })',
  eventTime: "'timestamp'",
  partitionKey: "'userId'",
};
const HEAD: Properties = {
  name: "'spending'",
  version: '1',
  source: 'views',
  maxOutOfOrderness: 'seconds(5)',
  maxFutureSkew: 'minutes(10)',
};
const WINDOW: Properties = {
  assign: 'tumbling({ size: minutes(1) })',
  allowedLateness: 'seconds(0)',
  late: "'sideOutput'",
  aggregate: 'grouped((view: View) => view.userId, count())',
  table: "{ name: 'spending', partitionKey: 'userId' }",
  result: '(groups) => [...groups].map(([userId, views]) => ({ userId, views }))',
};
const STATUS: Properties = {
  key: '(view) => view.userId',
  initial: 'eventTime(0)',
  merge: '(last, view) => latest(last, eventTime(view.timestamp))',
  timers: '(last) => [later(last, days(1))]',
  view: "() => ({ status: 'active', row: {} })",
  statuses: "{ active: 'fine', gone: 'problem' }",
  waits: '[days(1)]',
  stateRetention: 'days(30)',
  table: "{ name: 'spending', partitionKey: 'userId' }",
};
const PATTERN: Properties = {
  key: '(view) => view.userId',
  match: "sequence<View>('view', () => true).times(2).within(seconds(9))",
  stateRetention: 'days(1)',
  alerts:
    "{ table: { name: 'alerts', partitionKey: 'userId', sortKey: 'at' }, row: (_, userId) => ({ userId, at: '' }) }",
};
const GATE: Properties = {
  key: '(view) => view.userId',
  initial: '0',
  decidedBy: '[]',
  decide: "(passed) => ({ verdict: 'pass', state: passed + 1 })",
  stateRetention: 'days(1)',
  table: "{ name: 'blocked', partitionKey: 'userId', sortKey: 'day' }",
};

/** An object, with one property changed, or left out. */
const object = (properties: Properties, name?: string, value?: string): string => {
  const all = { ...properties, ...(name === undefined ? {} : { [name]: value }) };
  const lines = Object.entries(all).flatMap(([each, text]) =>
    text === undefined ? [] : [`  ${each}: ${text},`],
  );
  return `{\n${lines.join('\n')}\n}`;
};

const DECLARATIONS = {
  source: (...change: string[]) => `source(${object(SOURCE, ...change)});`,
  head: (...change: string[]) => `job(${object(HEAD, ...change)}).window(${object(WINDOW)});`,
  window: (...change: string[]) => `job(head).window(${object(WINDOW, ...change)});`,
  status: (...change: string[]) => `job(head).status(${object(STATUS, ...change)});`,
  pattern: (...change: string[]) => `job(head).pattern(${object(PATTERN, ...change)});`,
  gate: (...change: string[]) =>
    `job(head).gate(${object(GATE, ...change)}).window(${object(WINDOW)});`,
};
type Kind = keyof typeof DECLARATIONS;

const PREAMBLE = `import * as z from 'zod';
import * as tidemark from '../../shared/index.ts';

const { count, countBy, days, epochMilliseconds, eventTime, grouped, id, integer, isoTime, job, later, latest, minutes, seconds, sequence, source, tumbling } = tidemark;
const views = source(${object(SOURCE)});
type View = tidemark.EventOf<typeof views>;
const head = ${object(HEAD)};
export const used = [count, countBy, days, eventTime, grouped, integer, isoTime, job, later, latest, minutes, sequence, tumbling, head] as [unknown, ...unknown[], View] | unknown[];
`;

const DATE = 'a Date cannot be stored: write isoTime(eventTime(…))';
const missing = (name: string) => [`Property '${name}' is missing`];
const noNumber = ["Type 'number' is not assignable to type 'Duration'"];

/** What is changed, the lines that the compiler may take, and its words. */
const CASES: readonly (readonly [Kind, string, string | undefined, number, readonly string[]])[] = [
  ['source', 'eventTime', undefined, 1, missing('eventTime')],
  ['source', 'eventTime', "'userId'", 1, ['"userId"']],
  ['source', 'partitionKey', undefined, 1, missing('partitionKey')],
  ['source', 'partitionKey', "'itemId'", 1, ['Type \'"itemId"\' is not assignable', '"userId"']],
  ['source', 'partitionKey', "'cents'", 1, ['Type \'"cents"\' is not assignable', '"userId"']],
  ['source', 'csv', "['page', 'timestamp']", 1, ['"page"', '"userId"']],
  ['source', 'forms', "['gz']", 1, ["\"gz\"' is not assignable to type 'Form'"]],
  ['head', 'maxOutOfOrderness', undefined, 3, missing('maxOutOfOrderness')],
  ['head', 'maxFutureSkew', undefined, 3, missing('maxFutureSkew')],
  ['head', 'version', undefined, 3, missing('version')],
  ['head', 'source', undefined, 3, missing('source')],
  ['head', 'maxOutOfOrderness', '5', 4, noNumber],
  ['head', 'filter', '(view) => view.page', 1, ["Property 'page' does not exist"]],
  ['window', 'late', undefined, 1, missing('late')],
  ['window', 'late', "'drop'", 1, ['"drop"\' is not assignable to type \'"sideOutput"\'']],
  ['window', 'allowedLateness', undefined, 1, missing('allowedLateness')],
  ['window', 'allowedLateness', '5', 2, noNumber],
  ['window', 'assign', 'tumbling({ size: 60_000 })', 2, noNumber],
  ['window', 'table', undefined, 1, missing('table')],
  ['window', 'table', "{ name: 'spending' }", 1, missing('partitionKey')],
  ['window', 'result', undefined, 1, missing('result')],
  ['window', 'result', 'async () => []', 1, ["Type 'Promise<never[]>'"]],
  ['window', 'result', "() => [{ userId: 'u', at: new Date() }]", 1, [`at: ${DATE}`]],
  [
    'window',
    'result',
    '(groups) => [...groups].map(([userId]) => ({ userId, at: new Date() }))',
    // One for each of: rows may be a list or a generator; a list has such rows; a row has such values.
    3,
    [`at: ${DATE}`],
  ],
  [
    'window',
    'result',
    "(groups) => [{ userId: 'all', groups }]",
    1,
    ['groups: a Map or a Set cannot be stored: write a list, [...it]'],
  ],
  [
    'window',
    'result',
    "(groups) => [{ userId: 'all', views: groups.get('u') }]",
    1,
    ['views: undefined cannot be stored: leave it away, or write null'],
  ],
  [
    'window',
    'result',
    "() => [{ userId: 'all', deep: [{ at: new Date() }] }]",
    1,
    ['deep: holds what cannot be stored'],
  ],
  ['window', 'aggregate', 'countBy((view: View) => view.page)', 1, ["'page' does not exist"]],
  ['window', 'aggregate', 'countBy((view: View) => view.cents)', 2, ["'number' is not assignable"]],
  ['status', 'waits', undefined, 1, missing('waits')],
  ['status', 'stateRetention', undefined, 1, missing('stateRetention')],
  ['status', 'merge', '() => new Date()', 2, ['Date']],
  ['status', 'view', "() => ({ status: 'lost', row: {} })", 1, ['"lost"', '"active" | "gone"']],
  ['status', 'view', "() => ({ status: 'gone', row: {} })", 3, missing('at')],
  ['status', 'view', "() => ({ status: 'active', row: { at: new Date() } })", 3, ["'Date'"]],
  ['status', 'statuses', "{ active: 'ok', gone: 'problem' }", 2, ['"fine" | "problem"']],
  ['status', 'key', '(view) => view.cartId', 1, ["Property 'cartId' does not exist"]],
  ['pattern', 'stateRetention', undefined, 1, missing('stateRetention')],
  ['pattern', 'alerts', undefined, 1, missing('alerts')],
  [
    'pattern',
    'alerts',
    "{ table: { name: 'alerts', partitionKey: 'userId' }, row: () => ({}) }",
    1,
    missing('sortKey'),
  ],
  [
    'pattern',
    'alerts',
    "{ table: { name: 'alerts', partitionKey: 'userId', sortKey: 'at' }, row: (_, userId) => ({ userId, at: new Date() }) }",
    1,
    [`at: ${DATE}`],
  ],
  ['gate', 'decide', "(passed) => ({ verdict: 'drop', state: passed })", 1, ['"filter" | "pass"']],
  ['gate', 'decide', "() => ({ verdict: 'pass' })", 1, missing('state')],
  ['gate', 'initial', 'new Date()', 3, ['Date']],
  [
    'gate',
    'decide',
    "(passed) => ({ verdict: 'pass', state: passed, alerts: [{ userId: 'u', day: new Date() }] })",
    1,
    [`day: ${DATE}`],
  ],
];

const LENGTH_MAX = 260;
/** Where something is missing the compiler prints all that is there; but what is missing comes first. */
const MISSING_LENGTH_MAX = 450;
const KINDS = Object.keys(DECLARATIONS) as Kind[];
const lines = new Map<string, string[]>();

beforeAll(async () => {
  const right = KINDS.map((kind) => [`${kind}Right.ts`, DECLARATIONS[kind]()]);
  const wrong = CASES.map(([kind, name, value], i) => [
    `wrong${i}.ts`,
    DECLARATIONS[kind](...([name, value] as string[])),
  ]);
  const files = [...right, ...wrong].map(([name, text]) => [name, `${PREAMBLE}${text}\n`]);
  const output = await compiled(Object.fromEntries(files));
  let file = '';
  for (const line of output.split('\n').filter((each) => each !== '')) {
    file = /([^/]*\.ts)\(/.exec(line)?.[1] ?? file;
    lines.set(file, [...(lines.get(file) ?? []), line]);
  }
}, 60_000);

it.each(KINDS)('nothing is said of a %s that is right', (kind) => {
  expect(lines.get(`${kind}Right.ts`)).toBeUndefined();
});

it.each(CASES.map((each, i) => [i, ...each] as const))(
  '%i: %s with %s: %s',
  (i, _kind, _name, _value, linesMax, words) => {
    const said = lines.get(`wrong${i}.ts`) ?? [];
    for (const word of words) expect(said.join('\n')).toContain(word);
    expect(said.length, said.join('\n')).toBeLessThanOrEqual(linesMax);
    for (const line of said) {
      const message = line.replace(/^.*?error TS\d+: /, '').trim();
      const isMissing = message.startsWith('Property') && message.includes('is missing');
      expect(message.length, line).toBeLessThanOrEqual(isMissing ? MISSING_LENGTH_MAX : LENGTH_MAX);
    }
  },
);
