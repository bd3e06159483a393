/** What a list of whole numbers of at most 2^53 has in common, and its bytes, for whoever stores it. */

const WORD = 2 ** 32;

/** How many bytes a whole number of at most 2^53 takes. */
export function widthOf(value: number): number {
  let width = 0;
  for (let limit = 1; value >= limit; limit *= 256) width += 1;
  return width;
}

/** The least and the greatest of numbers, one at least. */
export function rangeOf(values: Float64Array): { min: number; max: number } {
  let min = values[0] as number;
  let max = min;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i] as number;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max };
}

/** The greatest number that the distances of all from the least are whole multiples of; 0 where there are none. */
export function divisorOf(values: Float64Array, min: number): number {
  let divisor = 0;
  for (let i = 0; i < values.length && divisor !== 1; i += 1) {
    const distance = (values[i] as number) - min;
    // Exact, as both are below 2^53; and much cheaper than a remainder.
    if (Math.round(distance / divisor) * divisor !== distance) {
      divisor = commonDivisor(divisor, distance);
    }
  }
  return divisor;
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** The bytes of numbers from 0 on, behind the first ones: the lowest of every number, then the second of every number. */
export function numberPlanes(values: Float64Array, first: number, width: number): Uint8Array {
  const count = values.length - first;
  const planes = new Uint8Array(count * width);
  for (let p = 0; p < Math.min(4, width); p += 1) {
    const start = p * count - first;
    const shift = p * 8;
    for (let i = first; i < values.length; i += 1) {
      planes[start + i] = (values[i] as number) >>> shift;
    }
  }
  for (let p = 4; p < width; p += 1) {
    const start = p * count - first;
    const shift = (p - 4) * 8;
    for (let i = first; i < values.length; i += 1) {
      planes[start + i] = ((values[i] as number) / WORD) >>> shift;
    }
  }
  return planes;
}
