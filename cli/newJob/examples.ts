/** Events of a stream, as they stand in the worked examples of the functions that read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../inputs/usageError.ts';
import { messageOf } from '../../shared/errors.ts';
import type { Source } from '../../shared/job/source.ts';

export type Event = Readonly<Record<string, unknown>>;

/**
 * At least one. Throws UsageError where none is an event of the source.
 * @param readers the folders of the functions
 */
export function examplesOf(
  source: Source<unknown>,
  readers: readonly string[],
  root: string,
): [Event, ...Event[]] {
  const readmes = readers.map((folder) => `functions/${folder}/README.md`);
  const read = readmes.flatMap((readme) =>
    linesIn(readFileSync(join(root, readme), 'utf8'), source.stream).map((line) => ({
      readme,
      ...eventIn(source, line),
    })),
  );
  const [first, ...others] = read.flatMap(({ event }) => (event === undefined ? [] : [event]));
  if (first !== undefined) return [first, ...others];
  const [refused] = read;
  const why = refused
    ? `the example in ${refused.readme} is refused: ${refused.problem}; mend it`
    : `${readmes.join(', ')} has no example of its events; write one`;
  throw new UsageError(`--stream is "${source.stream}", and ${why}, or name a new stream`);
}

/** Under paragraphs that begin with `In`; where a job reads several streams, these say which. */
function linesIn(readme: string, stream: string): string[] {
  const blocks = readme.matchAll(/^In\b(?:, on `([^`]+)`)?[\s\S]*?^```json\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, of = stream, lines = '']) =>
    of === stream ? lines.split('\n').filter((line) => line !== '') : [],
  );
}

interface Read {
  readonly event?: Event;
  readonly problem?: string;
}

function eventIn(source: Source<unknown>, line: string): Read {
  try {
    const parsed = source.parse(JSON.parse(line));
    return 'event' in parsed ? { event: parsed.event as Event } : { problem: parsed.problem };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
