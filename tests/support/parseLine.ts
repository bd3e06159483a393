/** One line by itself as an event of a stream, as it is in a file of such lines. */
import { PieceReader } from '../../inputs/events.ts';
import type { StreamFormat, TimeUnit } from '../../inputs/formats.ts';
import type { InputEvent } from '../../inputs/inputEvent.ts';
import { InvariantViolation } from '../../shared/errors.ts';

/** `text` has no line end and is not blank. No line by itself is a header. */
export function parseLine(text: string, format: StreamFormat, timeUnit: TimeUnit): InputEvent {
  const reader = new PieceReader(format, { timeUnit, header: 'none' }, 'the line');
  const pieces = [{ kind: 'line', bytes: Buffer.from(text), line: 1 }] as const;
  const [event] = [...reader.take(pieces), ...reader.end()];
  if (!event) throw new InvariantViolation('a line that is not blank is an event');
  return event;
}
