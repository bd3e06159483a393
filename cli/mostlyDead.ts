/** When so much of an input is dead that it is likely something else, and what it may be. */
import { shownName } from '../inputs/files/bytes.ts';
import { guessOf } from '../inputs/guess.ts';
import type { InputOptions } from '../inputs/readInput.ts';
import type { StreamName } from '../shared/model/lane.ts';
import { valueText } from './output/valueText.ts';

/** More dead letters than one event in so many. */
const ONE_IN = 10;

export interface ReadFile {
  readonly stream: StreamName;
  readonly file: string;
  readonly options: InputOptions;
  /** A pipe cannot be read again. */
  readonly kind: 'file' | 'pipe';
  readonly events: number;
  readonly dead: number;
}

/** What is wrong with the file as a whole; undefined where at most a tenth of its events are dead. */
export async function mostlyDead(read: ReadFile): Promise<string | undefined> {
  const { stream, file, options, kind, events, dead } = read;
  if (dead === 0 || dead * ONE_IN <= events) return undefined;
  const share = shareText(shownName(file), dead, events);
  // Of a file most of which is of its stream, another one is no better.
  const isOther = kind === 'file' && dead * 2 > events;
  const guess = isOther ? await guessOf(stream, file, options) : undefined;
  return guess === undefined ? share : `${share}; ${guess}`;
}

function shareText(name: string, dead: number, events: number): string {
  if (events === 1) return `the only event of ${name} is a dead letter`;
  const of = `events of ${name} are dead letters`;
  return dead === events
    ? `all ${valueText(dead)} ${of}`
    : `${valueText(dead)} of ${valueText(events)} ${of}, more than a tenth`;
}
