/** Values to pixels, and the round figures that an axis names. */

export interface Scale {
  readonly from: number;
  readonly to: number;
}

const NICE = [1, 2, 2.5, 5, 10];
const TICKS = 4;

/** A linear scale from one range to another; a range without length gives its middle. */
export function linear({ from, to }: Scale, start: number, end: number) {
  const length = to - from;
  return (value: number): number =>
    length === 0 ? (start + end) / 2 : start + ((value - from) / length) * (end - start);
}

/** From zero to the first round figure at or above `max`, in whole numbers: what is counted has no halves. */
export function countTicks(max: number, wanted = TICKS): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = NICE.map((each) => each * power).find((each) => each >= rough) ?? 10 * power;
  const step = Math.max(1, Math.ceil(nice));
  const ticks = [0];
  while ((ticks.at(-1) as number) < max) ticks.push((ticks.at(-1) as number) + step);
  return ticks;
}

/** At most `wanted` of them, evenly, the last one always: it is the newest. */
export function thinned<T>(values: readonly T[], wanted: number): T[] {
  const every = Math.max(1, Math.ceil(values.length / Math.max(1, wanted)));
  return values.filter((_, i) => (values.length - 1 - i) % every === 0);
}
