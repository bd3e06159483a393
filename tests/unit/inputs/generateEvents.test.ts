/** What holds of every generated sample; what each of them shows is in `samples.test.ts`. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { adClicks } from '../../../functions/adBlacklist/events.ts';
import { appMarketing } from '../../../functions/appPromotion/events.ts';
import { userBehavior } from '../../../functions/hotItems/events.ts';
import { pageViews } from '../../../functions/hotPages/events.ts';
import { logins } from '../../../functions/loginFail/events.ts';
import { receipts } from '../../../functions/orderReconcile/events.ts';
import { orders } from '../../../functions/orderTimeout/events.ts';
import {
  GENERATED_STREAMS,
  generateEvents,
  sampleOf,
} from '../../../inputs/generate/generateEvents.ts';
import type { Source } from '../../../shared/job/source.ts';
import { sampleRead } from './sampleRead.ts';

const SOURCES = [userBehavior, pageViews, appMarketing, adClicks, logins, orders, receipts];
const EACH: [string, Source<{ readonly timestamp: number }>][] = SOURCES.map((each) => [
  each.stream,
  each as Source<{ readonly timestamp: number }>,
]);

/** Of the evening, and of usual traffic with as many events: what is measured, and what stored formats are tested with. */
const DIGESTS: Readonly<Record<string, readonly [evening: string, usual: string]>> = {
  'user-behavior': ['95a576a0fe084ee3', '1ae3362f8d0aea40'],
  'page-views': ['bd81a85a88460e69', 'd3e5f9abdab9476e'],
  'app-marketing': ['0802ef045a190780', '3b8ebfd843a495fb'],
  'ad-clicks': ['fb488ce1d782c058', '6d28189635857bd4'],
  logins: ['2918a8a86150318e', '3f883e5c53710014'],
  orders: ['97de651ca9146b18', '405248a5b8aee886'],
  receipts: ['276667935d4ca982', 'f7e82c175423a355'],
};

it('every stream has a sample', () => {
  expect(SOURCES.map(({ stream }) => stream)).toEqual(GENERATED_STREAMS);
});

describe.each(EACH)('the sample of %s', (stream, source) => {
  const sample = sampleRead(source);

  it('is the same everywhere', () => {
    const usual = sampleRead(source, { course: 'usual' });
    expect([sample, usual].map(({ lines }) => digestOf(lines))).toEqual(DIGESTS[stream]);
  });

  it('is another one for another seed', () => {
    const [other] = generateEvents(stream, { seed: 2, events: sampleOf(stream).events });
    expect(other?.line).not.toEqual(sample.lines[0]);
  });

  it('has as many events as asked for', () => {
    expect(sample.lines.length).toBe(sampleOf(stream).events);
    for (const events of [1, 7, 1_234]) {
      expect([...generateEvents(stream, { seed: 1, events })].length).toBe(events);
    }
  });

  it('is partitioned as its jobs expect', () => {
    for (const { line, partitionKey, eventTimeMs } of generateEvents(stream, sampleOf(stream))) {
      const event = parsedLine(source, String(line));
      if (!event || event.timestamp < 1e12) continue;
      expect(partitionKey).toBe(source.partitionKey(event));
      expect(eventTimeMs).toBe(event.timestamp);
    }
  });

  it('has a malformed event in 2,000, of every kind where there are enough', () => {
    const many = sampleRead(source, { events: 60_000 });
    expect(many.problems.length / many.lines.length).toBeGreaterThan(0.0002);
    expect(many.problems.length / many.lines.length).toBeLessThan(0.001);
    expect(many.problems).toContain('not JSON');
    expect(many.problems).toContain('timestamp: in seconds');
    expect(
      many.problems.filter((problem) => problem.startsWith('timestamp: ')).length,
    ).toBeLessThan(many.problems.length - 2);
  });
});

const digestOf = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);

function parsedLine(source: Source<{ readonly timestamp: number }>, line: string) {
  try {
    const parsed = source.parse(JSON.parse(line));
    return 'event' in parsed ? parsed.event : undefined;
  } catch {
    return undefined;
  }
}

it('names the streams that have a generator where another one is asked for', () => {
  expect(() => generateEvents('clicks', { seed: 1, events: 1 })).toThrow(
    `there is no generator for "clicks"; there is one for ${GENERATED_STREAMS.join(', ')}`,
  );
});
