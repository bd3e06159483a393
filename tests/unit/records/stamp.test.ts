/** A named producer's stamp: what is written in front of a record's lines, and what is read of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WHOLE_RANGE } from '../../../shared/model/hashRange.ts';
import { type Offset, offsetOf } from '../../../shared/model/offset.ts';
import {
  encodeStamp,
  isStamped,
  nameProblem,
  readStamp,
  STEPS_PADDING,
  stampBytesOf,
  stepBytes,
} from '../../../shared/records/stamp.ts';
import { LEFT, RIGHT } from '../../support/namedRecords.ts';

const PLAN = { producer: 'orders-outbox', planned: LEFT };

function offsetsOf(data: Buffer): Offset[] {
  const next = readStamp(data)?.next;
  const offsets: Offset[] = [];
  for (let offset = next?.(); offset !== undefined; offset = next?.()) offsets.push(offset);
  return offsets;
}

const growing = fc
  .tuple(
    fc.bigInt({ min: 1n, max: 2n ** 250n }),
    fc.array(fc.bigInt({ min: 1n, max: 2n ** 200n }), { maxLength: 50 }),
  )
  .map(([first, steps]) => {
    let at = first;
    return [first, ...steps.map((step) => (at += step))].map((each) => offsetOf(each) as Offset);
  });

describe('a stamp', () => {
  it('is one line of JSON that says everything', () => {
    expect(encodeStamp(PLAN, 8_809, [8_812, 8_813, 8_816, 8_817]).toString()).toBe(
      '{"tidemark:producer":["orders-outbox","0-170141183460469231731687303715884105727","8809","8812","AQMB"]}\n',
    );
  });

  it('is read as it was written, with what stands behind it', () => {
    const plans = fc.record({
      producer: fc.constantFrom('n', 'n'.repeat(128), 'a.b_c:d/e@f#g-1'),
      planned: fc.constantFrom(LEFT, RIGHT, WHOLE_RANGE, { start: 7n, end: 7n }),
    });
    fc.assert(
      fc.property(plans, growing, fc.boolean(), (plan, offsets, isFirst) => {
        const [begin = 0] = offsets;
        const after = isFirst ? undefined : offsetOf(BigInt(begin) - 1n);
        const data = Buffer.concat([encodeStamp(plan, after, offsets), Buffer.from('{}\n{}')]);
        expect(isStamped(data)).toBe(true);
        const stamped = readStamp(data);
        expect(stamped?.stamp).toEqual({
          ...plan,
          begin,
          ...(after === undefined ? {} : { after }),
        });
        expect(stamped?.body.toString()).toBe('{}\n{}');
        expect(offsetsOf(data)).toEqual(offsets);
      }),
    );
  });

  it('takes no more than is reckoned with for its first line and each further one', () => {
    fc.assert(
      fc.property(growing, (offsets) => {
        const [first = 0] = offsets;
        const reckoned = offsets.reduce(
          (sum: number, offset, i) => sum + (i === 0 ? 0 : stepBytes(offsets[i - 1] ?? 0, offset)),
          stampBytesOf(PLAN)(first) + STEPS_PADDING,
        );
        expect(encodeStamp(PLAN, offsetOf(BigInt(first) - 1n), offsets).length).toBeLessThanOrEqual(
          reckoned,
        );
      }),
    );
  });

  const content = ['outbox', '0-5', '1', '2', 'AQE='];
  const stampWith = (at: number, value: unknown) =>
    `${JSON.stringify({ 'tidemark:producer': content.with(at, value as string) })}\n{}`;

  it.each([
    ['a name of 1,000 characters', stampWith(0, 'n'.repeat(1_000))],
    ['no name', stampWith(0, '')],
    ['a name with a blank', stampWith(0, 'a b')],
    ['a number for a name', stampWith(0, 5)],
    ['a range that ends before it begins', stampWith(1, '5-4')],
    ['a range of one number', stampWith(1, '5')],
    ['a range beyond the last hash key', stampWith(1, `0-${2n ** 128n}`)],
    ['no range', stampWith(1, '')],
    ['a last offset that is its first', stampWith(2, '2')],
    ['a last offset behind its first', stampWith(2, '3')],
    ['a last offset that is none', stampWith(2, '-1')],
    ['no first offset', stampWith(3, '')],
    ['a first offset beyond the last one', stampWith(3, `${2n ** 256n}`)],
    ['steps that are no base64', stampWith(4, 'A?==')],
    ['less than all of it', '{"tidemark:producer":["outbox","0-5"]}\n{}'],
    ['more than all of it', '{"tidemark:producer":["outbox","0-5","1","2","",""]}\n{}'],
    ['JSON that is cut', '{"tidemark:producer":["outbox","0-5"\n{}'],
    ['no line end', '{"tidemark:producer":["outbox","0-5","1","2",""]}'],
  ])('is not read that has %s', (_, text) => {
    expect(isStamped(Buffer.from(text))).toBe(true);
    expect(readStamp(Buffer.from(text))).toBeUndefined();
  });

  it('is read with the parts that the others were made of', () => {
    expect(readStamp(Buffer.from(stampWith(0, 'outbox')))?.stamp).toEqual({
      producer: 'outbox',
      planned: { start: 0n, end: 5n },
      after: 1,
      begin: 2,
    });
  });

  it('has no offset beyond the last one, nor one of steps that are damaged', () => {
    const last = 2n ** 256n - 1n;
    const steps = Buffer.of(1, 1).toString('base64');
    const at = (first: bigint, of: string) =>
      offsetsOf(Buffer.from(`{"tidemark:producer":["o","0-5","","${first}","${of}"]}\n`));
    expect(at(last - 1n, steps)).toEqual([last - 1n, last]);
    expect(at(1n, Buffer.of(1, 0x80).toString('base64'))).toEqual([1, 2]);
  });

  it('is not seen in what only looks like one', () => {
    for (const text of [
      '',
      '{',
      '{"tidemark:redrive":{}}',
      ' {"tidemark:producer":[',
      '{"tidemark:producer":{',
    ]) {
      expect(isStamped(Buffer.from(text))).toBe(false);
    }
  });
});

it('says what is wrong with a name', () => {
  expect(nameProblem('outbox')).toBeUndefined();
  expect(nameProblem('n'.repeat(129))).toMatch(/129 characters/);
  expect(nameProblem('ü')).toMatch(/letters, digits/);
});
