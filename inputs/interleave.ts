/** Several inputs as one: every event comes when it would have come, and no input changes its own order. */
import type { InputEvent } from './inputEvent.ts';

interface Head<Event extends InputEvent> {
  event: Event;
  /** The greatest event time of its input so far: what an input has reached when this event comes. */
  reached: number;
  readonly rest: AsyncIterator<Event>;
}

/**
 * Merges inputs by how far each has come in event time, so that an event which is out of order in its input stays as
 * far behind as it is. Of inputs that have come equally far, the first goes on.
 */
export function interleave<Event extends InputEvent>(
  inputs: readonly AsyncIterable<Event>[],
): AsyncIterable<Event> {
  const [first, ...others] = inputs;
  return first && others.length === 0 ? first : merged(inputs);
}

async function* merged<Event extends InputEvent>(
  inputs: readonly AsyncIterable<Event>[],
): AsyncGenerator<Event> {
  let heads: Head<Event>[] = [];
  try {
    for (const input of inputs) {
      const rest = input[Symbol.asyncIterator]();
      const { value, done } = await rest.next();
      if (!done) heads.push({ event: value, reached: reachedBy(value, -Infinity), rest });
    }
    while (heads.length > 0) {
      const next = heads.reduce((a, b) => (b.reached < a.reached ? b : a));
      yield next.event;
      const { value, done } = await next.rest.next();
      if (done) heads = heads.filter((each) => each !== next);
      else {
        next.event = value;
        next.reached = reachedBy(value, next.reached);
      }
    }
  } finally {
    for (const { rest } of heads) await rest.return?.();
  }
}

/** A line without a time comes when its input has got there. */
const reachedBy = ({ eventTimeMs }: InputEvent, before: number): number =>
  Math.max(before, eventTimeMs ?? before);
