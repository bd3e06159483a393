import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateEvents, SAMPLE } from '../../../cli/generate/generateEvents.ts';
import { userBehavior } from '../../../functions/hotItems/events.ts';

const HOUR_MS = 3_600_000;

const sample = [...generateEvents('user-behavior', SAMPLE)];
const parsed = sample.map(({ line }) => {
  try {
    return userBehavior.parse(JSON.parse(String(line)));
  } catch {
    return { problem: 'not JSON' };
  }
});
const valid = parsed.flatMap((each) => ('event' in each ? [each.event] : []));
const isRecent = (event: { timestamp: number }) => event.timestamp > 1e12;

describe('the generated sample', () => {
  it('is the same everywhere', () => {
    const digest = createHash('sha256').update(sample.map(({ line }) => line).join('\n'));
    expect(digest.digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"eebda917fa9bc10a"`);
  });

  it('is another one for another seed', () => {
    const [other] = generateEvents('user-behavior', { ...SAMPLE, seed: 2 });
    expect(other).not.toEqual(sample[0]);
  });

  it('has 40,000 events over three hours', () => {
    const times = valid.filter(isRecent).map((event) => event.timestamp);
    const span = times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b));
    expect(sample.length).toBe(40_000);
    expect(Math.abs(span - 3 * HOUR_MS)).toBeLessThan(60_000);
  });

  it('has a few malformed events of every kind', () => {
    const problems = parsed.flatMap((each) => ('problem' in each ? [each.problem] : []));
    expect(problems).toContain('not JSON');
    expect(problems.some((problem) => problem.startsWith('categoryId'))).toBe(true);
    expect(problems.some((problem) => problem.startsWith('behavior'))).toBe(true);
    expect(problems.some((problem) => problem.startsWith('timestamp'))).toBe(true);
    expect(valid.filter((event) => !isRecent(event)).length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(40);
  });

  it('is out of order by a few seconds, and has stragglers that miss their hour', () => {
    let greatest = 0;
    let outOfOrder = 0;
    let late = 0;
    for (const { timestamp } of valid.filter(isRecent)) {
      if (timestamp < greatest) outOfOrder += 1;
      if (Math.floor(timestamp / HOUR_MS) < Math.floor(greatest / HOUR_MS)) late += 1;
      greatest = Math.max(greatest, timestamp);
    }
    expect(outOfOrder / valid.length).toBeGreaterThan(0.03);
    expect(outOfOrder / valid.length).toBeLessThan(0.07);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(40);
  });

  it('has a few items that are far more popular than the rest', () => {
    const counts = [...Map.groupBy(valid, (event) => event.itemId).values()]
      .map((events) => events.length)
      .sort((a, b) => b - a);
    expect(counts.length).toBeGreaterThan(3_000);
    expect(counts[0]).toBeGreaterThan(20 * (counts[100] ?? 0));
  });
});

it('names the streams that have a generator where another one is asked for', () => {
  expect(() => generateEvents('orders', SAMPLE)).toThrow(
    'there is no generator for "orders"; there is one for user-behavior',
  );
});
