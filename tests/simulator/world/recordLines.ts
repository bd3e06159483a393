/** What the lines of a record are made of: events as JSON, or what is none, joined as producers join them. */
import { deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../random.ts';
import type { StreamModel } from '../streams/model.ts';
import type { Content, StreamEvent } from '../truth.ts';

export interface Line {
  readonly content: Content;
  readonly raw: Uint8Array;
  /** Of an event that is packed with others and may belong to another shard: its own partition key. */
  readonly key?: string;
}

export const lineOf = (event: StreamEvent): Line => ({
  content: { kind: 'event', event },
  raw: Buffer.from(JSON.stringify(event)),
});

export const garbageLine = (model: StreamModel, random: Random): Line => ({
  content: { kind: 'garbage' },
  raw: garbageOf(model, random),
});

function garbageOf(model: StreamModel, random: Random): Uint8Array {
  return Buffer.from(
    random.pick<string | readonly number[]>([
      'not json',
      '{"timestamp":',
      '[]',
      '42',
      ...model.garbage,
      // No UTF-8, and nothing that the record as a whole would be taken for.
      [0xc3, 0x28, 0x7b],
    ]) as string,
  );
}

/** Lines of a record, some with blank lines in between or an end of line at the end. */
export function joined(lines: readonly Uint8Array[], random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [i, line] of lines.entries()) {
    if (i > 0) parts.push(Buffer.from(random.chance(0.1) ? '\n \n' : '\n'));
    parts.push(line);
  }
  if (lines.length > 1 && random.chance(0.2)) parts.push(Buffer.from('\n'));
  return Buffer.concat(parts);
}

/** A form of AWS's producers, in which every line is found again as it is; undefined where the lines are not all events. */
export function inOtherForm(lines: readonly Line[], random: Random): Uint8Array | undefined {
  if (!lines.every(({ content }) => content.kind === 'event')) return undefined;
  const texts = lines.map(({ raw }) => Buffer.from(raw).toString());
  const messages = texts.map((message, id) => ({ id: `${id}`, timestamp: 0, message }));
  const envelope = { logGroup: 'g', messageType: 'DATA_MESSAGE', logEvents: messages };
  return random.pick<() => Uint8Array>([
    () => gzipSync(texts.join('\n')),
    () => deflateSync(texts.join('')),
    () => Buffer.from(texts.join(random.pick(['', ' ']))),
    () => Buffer.from(`[${texts.join(', ')}]`),
    () => Buffer.from(`[\n${texts.join(',\n')}\n]\n`),
    () => gzipSync(JSON.stringify(envelope)),
  ])();
}
