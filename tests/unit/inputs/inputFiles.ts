/** Files with a content, in a folder that goes with the tests, and what is read from them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type InputEvent, type InputOptions, readInput } from '../../../inputs/readInput.ts';
import { unreadableReason } from '../../../shared/records/envelopes.ts';

export const folder = mkdtempSync(join(tmpdir(), 'tidemark-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
export function fileOf(content: string | Uint8Array): string {
  files += 1;
  const file = join(folder, `input${files}`);
  writeFileSync(file, content);
  return file;
}

export async function read(
  stream: string,
  content: string | Uint8Array,
  options: Partial<InputOptions> = {},
): Promise<InputEvent[]> {
  const events: InputEvent[] = [];
  const file = fileOf(content);
  for await (const event of readInput(stream, file, { timeUnit: 's', ...options })) {
    events.push(event);
  }
  return events;
}

/** Of each event: its line number and what it holds; of what is none, its reason or its text. */
export async function rowsOf(...args: Parameters<typeof read>): Promise<string[]> {
  return (await read(...args)).map(({ line, value, lineNumber }) => {
    const parsed = value ?? parsedOf(line);
    const reason = unreadableReason(parsed);
    if (reason !== undefined) return `${lineNumber}: ${reason}`;
    const shown = parsed === undefined ? String(line) : Object.values(parsed).join(' ');
    return `${lineNumber}: ${shown}`;
  });
}

function parsedOf(line: InputEvent['line']): object | undefined {
  try {
    return JSON.parse(String(line)) as object;
  } catch {
    return undefined;
  }
}
