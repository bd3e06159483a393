/** A short name for what stored state means: state of another shape is refused instead of misread. */
import { createHash } from 'node:crypto';

const SHAPE_LENGTH = 8;

export function shapeOf(parts: readonly (number | string)[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, SHAPE_LENGTH);
}
