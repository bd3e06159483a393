/**
 * The one source of chance in a simulation: a seeded generator that can be forked by name, so that drawing
 * more in one area does not change what another area draws.
 */

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
  /** A whole number in [min, max]. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** Spread evenly over orders of magnitude from min to max. */
  magnitude(min: number, max: number): number;
  fork(name: string): Random;
}

export function randomOf(seed: number, name = ''): Random {
  const next = generator(hashOf(`${seed}/${name}`));
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (probability) => probability > 0 && next() < probability,
    pick: <T>(choices: readonly T[]) => choices[below(choices.length)] as T,
    shuffled<T>(items: readonly T[]) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i -= 1) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
      }
      return copy;
    },
    magnitude: (min, max) => min * (max / min) ** next(),
    fork: (child) => randomOf(seed, `${name}/${child}`),
  };
}

/** 32-bit FNV-1a; also the hash of a trace. */
export function hashOf(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Mulberry32: 32 bits of state are plenty for the some thousand draws of one run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
