/**
 * A 64-bit fingerprint of a text, stable across runs and machines because it is stored. Two 32-bit lanes,
 * each mixed as in MurmurHash3 (public domain, Austin Appleby) over the UTF-16 units, with different seeds.
 */

function mixUnit(hash: number, unit: number, multiplier: number): number {
  const mixed = Math.imul(hash ^ Math.imul(unit, 0xcc9e2d51), multiplier);
  return (mixed << 13) | (mixed >>> 19);
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** High and low half. */
export function hash64(text: string): { high: number; low: number } {
  let a = 0x9e3779b9 ^ text.length;
  let b = 0x7f4a7c15 ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i) + 1;
    a = mixUnit(a, unit, 0x1b873593);
    b = mixUnit(b ^ a, unit, 0xe6546b65);
  }
  const high = finish(a ^ Math.imul(b, 0x27d4eb2f));
  return { high, low: finish(b ^ high) };
}

export function fingerprint(text: string): string {
  const { high, low } = hash64(text);
  return String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff);
}
