/** Lists as whoever stores them may give them: any, alike, and at the borders of each form that a column can take. */
import fc from 'fast-check';
import { eventTime, isoTime } from '../../shared/model/time.ts';
import type { Value } from '../../shared/ports/table.ts';

const text = fc.string({ unit: 'grapheme' });
const number = fc.oneof(
  fc.integer({ min: -3, max: 300 }),
  fc.maxSafeInteger(),
  fc.integer().map((n) => n / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0.1, 2 ** 51, 2 ** 51 + 1, -(2 ** 51), 2 ** 53, 1e300, 5e-324, 1e15),
);
/** At the borders of every form that texts have. */
export const nearForms = fc.oneof(
  fc.constantFrom('', '0', '00', '007', '+1', '-0', '-1', '1e3', '1.0', ' 1', '1 ', '0x10', '٣'),
  fc.constantFrom('999999999999999', '1000000000000000', '9'.repeat(64), '9'.repeat(65)),
  fc.constantFrom('[]', '[1, 2]', '["a"]x', '[1,2]', '["a"]', '[-0]', '[1e3]', '["\\u0061"]', '['),
  fc.constantFrom(
    '["__proto__"]',
    '[{"__proto__":1}]',
    '[{"a":1,"a":2}]',
    '["\\n"]',
    '["a",]',
    '["\n"]',
    '["\u0000"]',
    '["\u2028"]',
    '["',
  ),
  fc.constantFrom(
    '2017-11-26T02:00:00Z',
    '2017-11-26T02:00:00.000Z',
    '2017-11-26T02:00:00.00Z ',
    '2017-02-29T02:00:00.000Z',
    '2016-02-29T23:59:59.999Z',
    '2017-11-26T24:00:00.000Z',
    '2017-11-26t02:00:00.000z',
    '0000-01-01T00:00:00.000Z',
    '0000-00-00T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T00:00:00.000Z',
    '1899-12-31T00:00:-1.000Z',
  ),
  fc.nat().map(String),
  fc.bigInt({ min: 0n, max: 10n ** 64n }).map(String),
  fc.bigInt({ min: 10n ** 15n - 2n, max: 10n ** 15n + 2n }).map(String),
  fc.integer({ min: -8.64e12, max: 8.64e12 }).map((ms) => isoTime(eventTime(ms))),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid().map((id) => id.replaceAll('-', '')),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  fc.json({ depthSize: 'small' }),
  fc.array(fc.oneof(text, fc.nat().map(String))).map((texts) => JSON.stringify(texts)),
  fc.tuple(fc.nat(300), fc.nat(300)).map(([a, b]) => `tx${a}-${String(b).padStart(3, '0')}`),
  fc.tuple(fc.nat(9), fc.nat(20)).map(([a, b]) => `é${a}${'x'.repeat(b)}0${b}`),
  text,
);
export const anyText = fc.oneof(text, nearForms);
const bytes = fc.uint8Array({ maxLength: 20 });
const name = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'k', 'a', '7', '', 'é'), text);

/** Own properties, whatever they are called. */
function objectOf(entries: readonly (readonly [string, Value])[]): Value {
  return Object.fromEntries(entries);
}

export const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.oneof(fc.constantFrom(null, true, false), number, anyText, bytes),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 6 }).map(objectOf),
  ),
}));

/** Of one shape, but for what is missing, odd, or nested differently here and there. */
export const similar = fc
  .tuple(fc.constantFrom(nearForms, fc.nat().map(String), fc.uuid(), text), number, fc.nat(3))
  .chain(([someText, base, oddity]) =>
    fc.array(
      fc.record(
        {
          k: someText,
          a: fc.oneof(
            { weight: 9, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => base + n) },
            { weight: oddity, arbitrary: value },
          ),
          s: fc.record(
            {
              pays: fc.array(fc.tuple(someText, fc.nat()), { maxLength: 3 }),
              status: fc.constantFrom('new', 'paid', null),
            },
            { noNullPrototype: true },
          ),
          optional: fc.oneof(someText, number, fc.boolean()),
        },
        { requiredKeys: ['k', 'a'], noNullPrototype: true },
      ),
      { maxLength: 60 },
    ),
  ) as fc.Arbitrary<Value[]>;

export const columnOfTexts = fc
  .constantFrom(
    nearForms,
    fc.uuid(),
    fc.nat(5).map(String),
    fc.nat().map((n) => `order-${n}/1`),
    text,
  )
  .chain((each) => fc.array(fc.oneof({ weight: 20, arbitrary: each }, anyText), { maxLength: 40 }));
export const columnOfNumbers = fc
  .constantFrom(
    fc.nat(3),
    fc.nat(1e6).map((n) => n * 3_600_000),
    fc.maxSafeInteger(),
    number,
  )
  .chain((each) => fc.array(each, { maxLength: 40 }))
  .chain((numbers) =>
    fc.constantFrom(
      numbers,
      [...numbers].sort((a, b) => a - b),
      numbers.flatMap((n) => [n, n, n, n]),
    ),
  );

/** Long enough for bytes of chance to stand apart from what is deflated. */
export const byChance = fc
  .constantFrom<fc.Arbitrary<Value>>(
    fc.nat(255),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.uuid(),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((some) => Buffer.from(some).toString('hex')),
    fc.bigInt({ min: 10n ** 20n, max: 10n ** 40n }).map(String),
    fc.tuple(fc.nat(255), fc.nat(255)).map((pair) => `10.0.${pair.join('.')}`),
  )
  .chain((each) => fc.array(each, { minLength: 250, maxLength: 600, size: 'max' }));

export const lists = fc.oneof(
  fc.array(value),
  similar,
  columnOfTexts,
  columnOfNumbers,
) as fc.Arbitrary<Value[]>;
