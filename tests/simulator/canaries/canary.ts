/** What a canary is: a deliberately broken variant of the engine, and where it shows. */
import type { Variant } from '../mutate.ts';

export interface Canary extends Variant {
  /** The one job to try it on, where few others would show it. */
  readonly job?: string;
  /** Together with low limits, where only these let small inputs come so far. */
  readonly limits?: 'tight';
}

/** One change of one file; `where` says what else the canary needs to show. */
export function canary(
  name: string,
  file: string,
  find: string,
  replace: string,
  where: Omit<Canary, 'name' | 'patches'> = {},
): Canary {
  return { name, patches: [{ file, find, replace }], ...where };
}
