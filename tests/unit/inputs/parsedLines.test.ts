/** A line that its reader has parsed is to the engine what its bytes are: the same entry, whatever the line. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STREAM_FORMATS } from '../../../inputs/formats.ts';
import type { InputEvent } from '../../../inputs/inputEvent.ts';
import { laneBatches } from '../../../inputs/laneBatches.ts';
import { arrivalTime } from '../../../shared/model/time.ts';
import { decodeRecord } from '../../../shared/records/decode.ts';
import type { BatchRecord, Entry } from '../../../shared/records/entry.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { parseLine } from '../../support/parseLine.ts';

async function recordOf(event: InputEvent): Promise<BatchRecord> {
  const spread = { streams: ['orders'], lanes: 1, batch: 1, arrival: arrivalTime(0) };
  for await (const [round] of laneBatches([event], spread)) {
    if (round?.records[0]) return round.records[0];
  }
  throw new Error('no record');
}

async function entriesOf({ value, ...event }: InputEvent) {
  const entries = async (each: InputEvent): Promise<Entry[]> => [
    ...decodeRecord(await recordOf(each)),
  ];
  return { parsed: await entries({ ...event, value }), bytes: await entries(event) };
}

const FORMATS = Object.entries(STREAM_FORMATS).flatMap(([stream, format]) =>
  (['s', 'ms'] as const).map((unit) => ({ stream, format, unit })),
);

/** Cells as they are, and as they should not be. */
const cell = fc.oneof(
  fc.constantFrom('', '0', '-0', '-1', '1511658000', '999999999999999', '__proto__', 'pay', ' '),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\n', ' ')),
);
const csv = fc.array(cell, { minLength: 1, maxLength: 6 }).map((cells) => cells.join(','));
const webLog = fc
  .tuple(fc.constantFrom('17/05/2015:10:05:03', '31/02/2015:10:05:03'), cell)
  .map(([time, url]) => `83.149.9.216 - - ${time} +0000 GET ${url}`);
const json = fc
  .tuple(fc.constantFrom('', ' ', '\t'), fc.json(), fc.constantFrom('', ' ', '\r', '}'))
  .map((parts) => parts.join(''));

describe('a parsed line', () => {
  it('makes the entry that its bytes make', async () => {
    const line = fc.oneof(csv, webLog, json).filter((text) => text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(line, fc.constantFrom(...FORMATS), async (text, { format, unit }) => {
        const { parsed, bytes } = await entriesOf(parseLine(text, format, unit));
        expect(parsed).toStrictEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '34729,pay,sd76f87d6,1511658000',
    '34729,create,,-0',
    '{"__proto__":{"orderId":"1"},"orderId":"1","timestamp":-0,"timestamp":1e3}',
    '{"orderId":"\\ud800","timestamp":1.0}',
    '[1,2]',
    encodeRedriven(
      { job: 'order-timeout@1', lane: 'orders/shard-1', position: '1/0', slot: 0 },
      Buffer.from('{"a":1}\n{"b":2}'),
    ).toString(),
    '{"tidemark:redrive":{},"data":""}',
  ])('such as %s', async (text) => {
    const format = STREAM_FORMATS['orders'];
    const event = format && parseLine(text, format, 's');
    if (event?.value === undefined) throw new Error('it is not parsed');
    const { parsed, bytes } = await entriesOf(event);
    expect(parsed).toStrictEqual(bytes);
  });
});
