/** The reason of a dead letter on which code of a test threw: what it said, and where. */
import { expect } from 'vitest';

const PLACE = String.raw`\(at tests/[\w/.]+\.ts:\d+\)`;

export function threw(message: string): string {
  const text = message.replaceAll(/[^\w ]/g, String.raw`\$&`);
  return expect.stringMatching(
    new RegExp(`^the job's own code threw: ${text} ${PLACE}$`),
  ) as string;
}
