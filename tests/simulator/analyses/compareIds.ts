/** The order that breaks ties: integers as numbers, everything else by code point. */
export function compareIds(a: string, b: string): number {
  const areIntegers = /^\d+$/.test(a) && /^\d+$/.test(b);
  return areIntegers ? Number(a) - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
