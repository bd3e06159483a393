/** Which late events and dead letters a command is about: the options that say it, and the test. */
import type { Command, Option } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import type { Job } from '../../shared/job/job.ts';
import { arrivalTime, isBefore } from '../../shared/model/time.ts';
import {
  type DeadLetter,
  LETTER_STATES,
  type LetterState,
} from '../../shared/state/deadLetters.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { repeatable } from '../options.ts';
import { timeOption } from '../timeOption.ts';
import { ownKey } from './ownKey.ts';

export interface SideFilter {
  /** Epoch milliseconds of arrival; from then on, and before then. */
  readonly since?: number;
  readonly until?: number;
  readonly key?: string;
}

export interface LetterFilter extends SideFilter {
  readonly reason?: string;
  /** None means all. */
  readonly state?: readonly LetterState[];
}

export const addSideFilter = (command: Command): Command =>
  command
    .option(
      '--key <key>',
      "only those with this partition key: their own, or where that cannot be read, their record's",
    )
    .option(
      '--since <time>',
      'only what arrived since then, such as 2026-03-02T09:30 (UTC)',
      timeOption('--since'),
    )
    .option('--until <time>', 'only what arrived before then', timeOption('--until'));

export const addLetterFilter = (command: Command): Command =>
  addSideFilter(
    command.option('--reason <text>', 'only those whose reason has this text in it, in any case'),
  );

export const stateFilterOption = (): Option =>
  repeatable(
    '--state <state>',
    `only those in this state, one of ${LETTER_STATES.join(', ')}; may be repeated`,
    'all',
  ).argParser((text: string, before: readonly LetterState[]) => {
    const state = LETTER_STATES.find((each) => each === text);
    if (state) return [...before, state];
    throw new UsageError(`there is no state "${text}"; there are ${LETTER_STATES.join(', ')}`);
  });

export const isMeant = (
  job: Job,
  { since, until, key }: SideFilter,
  side: StoredSideEvent,
): boolean =>
  (key === undefined || ownKey(job, side) === key) &&
  (since === undefined || !isBefore(side.arrival, arrivalTime(since))) &&
  (until === undefined || isBefore(side.arrival, arrivalTime(until)));

export function isLetterMeant(job: Job, filter: LetterFilter, letter: DeadLetter): boolean {
  const { reason, state = [] } = filter;
  return (
    isMeant(job, filter, letter) &&
    (state.length === 0 || state.includes(letter.state)) &&
    (reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

/** Whether it leaves anything out. */
export const isNarrow = ({ since, until, key, reason, state = [] }: LetterFilter): boolean =>
  [since, until, key, reason].some((each) => each !== undefined) || state.length > 0;

export async function* filtered<T>(
  items: AsyncIterable<T>,
  isIn: (item: T) => boolean,
): AsyncGenerator<T> {
  for await (const item of items) if (isIn(item)) yield item;
}
