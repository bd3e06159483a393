/**
 * What a pattern matches, by definition and without any state: every subset of the events is tried. A
 * slot takes one event, so that a loop is as many slots.
 */
import type { Moment } from './letters.ts';

export interface Slot {
  readonly kinds: string;
  readonly follows: 'strict' | 'relaxed';
}

export interface Answer {
  readonly matches: string[];
  readonly timedOut: string[];
}

/** @param within infinite where there is none. @param until the watermark in the end. */
export function answer(
  slots: readonly Slot[],
  within: number,
  events: readonly Moment[],
  until: number,
): Answer {
  const chains = subsets(events.length).filter((chosen) => isChain(chosen, slots, events));
  const inTime = chains.filter((chosen) => spanOf(chosen, events) < within);
  const complete = inTime.filter(({ length }) => length === slots.length);
  const stuck = inTime.filter(
    (chosen) =>
      chosen.length < slots.length &&
      timeOf(events[chosen[0] ?? 0]) + within <= until &&
      !inTime.some((longer) => isOneLonger(longer, chosen)) &&
      !isBroken(chosen, slots, events, within),
  );
  const byEnd = (a: readonly number[], b: readonly number[]) =>
    (a.at(-1) ?? 0) - (b.at(-1) ?? 0) || (a[0] ?? 0) - (b[0] ?? 0);
  const byBegin = (a: readonly number[], b: readonly number[]) => (a[0] ?? 0) - (b[0] ?? 0);
  const text = (chosen: readonly number[]) => chosen.map((i) => events[i]?.label).join(' ');
  return {
    matches: complete.toSorted(byEnd).map(text),
    timedOut: stuck
      .toSorted(byBegin)
      .map((chosen) => `${text(chosen)} @${timeOf(events[chosen[0] ?? 0]) + within}`),
  };
}

const timeOf = (event: Moment | undefined): number => event?.at ?? Number.NaN;

/** Every non-empty set of indexes below `count`, each ascending. */
function subsets(count: number): number[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, bits) =>
    Array.from({ length: count }, (_, i) => i).filter((i) => ((bits + 1) >> i) & 1),
  );
}

const fits = (event: Moment | undefined, slot: Slot | undefined): boolean =>
  slot?.kinds.includes(event?.label.charAt(0) ?? 'none') ?? false;

/** Each event fits its slot, and between it and the one before lies nothing (strict) or nothing that fits (relaxed). */
function isChain(
  chosen: readonly number[],
  slots: readonly Slot[],
  events: readonly Moment[],
): boolean {
  return chosen.every((index, nth) => {
    const slot = slots[nth];
    const skipped = nth === 0 ? [] : events.slice((chosen[nth - 1] ?? 0) + 1, index);
    const isContiguous =
      slot?.follows === 'strict' ? skipped.length === 0 : !skipped.some((e) => fits(e, slot));
    return fits(events[index], slot) && isContiguous;
  });
}

const spanOf = (chosen: readonly number[], events: readonly Moment[]): number =>
  timeOf(events[chosen.at(-1) ?? 0]) - timeOf(events[chosen[0] ?? 0]);

const isOneLonger = (longer: readonly number[], chosen: readonly number[]): boolean =>
  longer.length === chosen.length + 1 && chosen.every((index, nth) => longer[nth] === index);

/** It waits for a strict step, and the next event, in time, does not fit. */
function isBroken(
  chosen: readonly number[],
  slots: readonly Slot[],
  events: readonly Moment[],
  within: number,
): boolean {
  const slot = slots[chosen.length];
  const next = events[(chosen.at(-1) ?? 0) + 1];
  if (slot?.follows !== 'strict' || next === undefined) return false;
  return timeOf(next) - timeOf(events[chosen[0] ?? 0]) < within && !fits(next, slot);
}
