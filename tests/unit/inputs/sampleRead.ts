/** Generated samples as their streams' schemas read them. */
import { generateEvents, sampleOf } from '../../../inputs/generate/generateEvents.ts';
import type { GeneratorOptions } from '../../../inputs/generate/sample.ts';
import type { Source } from '../../../shared/job/source.ts';

interface Read<Event> {
  readonly lines: readonly string[];
  readonly events: readonly Event[];
  readonly problems: readonly string[];
}

/** What a stream's schema makes of its sample. Events with times in seconds are left out of `events`. */
export function sampleRead<Event extends { readonly timestamp: number }>(
  source: Source<Event>,
  options: Partial<GeneratorOptions> = {},
): Read<Event> {
  const sample = { ...sampleOf(source.stream), ...options };
  const lines = [...generateEvents(source.stream, sample)].map(({ line }) => `${line}`);
  const parsed = lines.map((line) => {
    try {
      return source.parse(JSON.parse(line));
    } catch {
      return { problem: 'not JSON' };
    }
  });
  return {
    lines,
    events: parsed.flatMap((each) =>
      'event' in each && each.event.timestamp > 1e12 ? [each.event] : [],
    ),
    problems: parsed.flatMap((each) => {
      if ('problem' in each) return [each.problem];
      return each.event.timestamp > 1e12 ? [] : ['timestamp: in seconds'];
    }),
  };
}
