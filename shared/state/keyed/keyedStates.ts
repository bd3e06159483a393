/**
 * The states of an ordered job's keys, one item each, as JSON text: events are part of them, and JSON holds whatever
 * an event may hold. They are only ever put from a commit, conditional on an older
 * stamp: the order of everything that can write one key, which is the generation of the lane, then the slot.
 */
import { InvariantViolation } from '../../errors.ts';
import type { JobId } from '../../model/lane.ts';
import { arrivalTime, type Duration, latest, type ProcessingTime } from '../../model/time.ts';
import type { KeyedState, KeyedStates } from '../../operators/redo.ts';
import { EXPIRES_AT, type Item, type Table, type Value } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { inTurns } from '../inTurns.ts';
import { expirySeconds, KEYED_STATE, keyedPartition } from '../keys.ts';
import { forgottenFrom } from '../retention.ts';

/** A shard that commits every second reaches it after 31 years. */
const SLOTS_MAX = 1_000_000_000;
const GENERATIONS_MAX = 9_000_000;

/** Where a write stands among all that may write the same key. Both numbers fit one exact integer. */
export function stampOf(generation: number, slot: number): number {
  if (slot >= SLOTS_MAX || generation >= GENERATIONS_MAX) {
    throw new InvariantViolation(
      `slot ${slot} of generation ${generation} has no stamp; start a new version of the job`,
    );
  }
  return generation * SLOTS_MAX + slot;
}

async function readItems(
  table: Table,
  job: JobId,
  keys: Iterable<string>,
): Promise<ReadonlyMap<string, Item>> {
  const byPartition = new Map([...keys].map((key) => [keyedPartition(job, key), key]));
  const wanted = [...byPartition.keys()].map((pk) => ({ pk, sk: KEYED_STATE }));
  const items = new Map<string, Item>();
  if (wanted.length === 0) return items;
  for (const item of await table.batchGet(wanted, 'strong')) {
    const key = byPartition.get(item['pk'] as string);
    if (key !== undefined) items.set(key, readable(item));
  }
  return items;
}

/** Text of the states that a commit works on. */
const STATE_BYTES_MAX = 16 * 1024 * 1024;
/** Read at once, each up to the most that a key may hold. */
const STATES_AT_ONCE = 250;

/**
 * The states of the first of these keys, as many as the memory of one commit may hold; those of the others are missing. Some are
 * read in any case. Strongly consistent: what a commit before this one applied is seen.
 */
export async function readStatesWithin(
  table: Table,
  job: JobId,
  keys: Iterable<string>,
): Promise<{ readonly states: KeyedStates; readonly missing: ReadonlySet<string> }> {
  const wanted = [...new Set(keys)];
  const states = new Map<string, KeyedState>();
  let read = 0;
  let bytes = 0;
  while (read < wanted.length && bytes < STATE_BYTES_MAX) {
    const some = wanted.slice(read, read + STATES_AT_ONCE);
    const found = await readItems(table, job, some);
    for (const [key, item] of found) {
      states.set(key, stateOf(item));
      bytes += textOf(item)?.length ?? 0;
    }
    read += some.length;
  }
  return { states, missing: new Set(wanted.slice(read)) };
}

export interface KeyedWrite {
  readonly job: JobId;
  readonly stamp: number;
  readonly stateRetention: Duration;
  readonly streamRetention: Duration;
  /** Not before the commit that carries it goes: time-outs that wait in the log find it. */
  readonly keptUntil: ProcessingTime;
}

/** Puts each state that nobody newer has put. Repeating it, or being late, changes nothing. */
export async function putKeyedStates(
  table: Table,
  states: KeyedStates,
  { job, stamp, stateRetention, streamRetention, keptUntil }: KeyedWrite,
): Promise<void> {
  await inTurns([...states], async ([key, kept]) => {
    const forgotten = forgottenFrom(kept.arrival, stateRetention, streamRetention);
    const item: Item = {
      pk: keyedPartition(job, key),
      sk: KEYED_STATE,
      ...STAMP,
      stamp,
      arrival: kept.arrival,
      ...(kept.state === undefined ? {} : { state: JSON.stringify(kept.state) }),
      [EXPIRES_AT]: expirySeconds(latest(forgotten, keptUntil)),
    };
    await table.put(item, { kind: 'absentOrAtMost', name: 'stamp', value: stamp });
  });
}

function stateOf(item: Item): KeyedState {
  const text = textOf(item);
  return {
    arrival: arrivalTime(item['arrival'] as number),
    ...(text === undefined ? {} : { state: JSON.parse(text) as Value }),
  };
}

const textOf = (item: Item): string | undefined => item['state'] as string | undefined;
