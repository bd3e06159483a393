/** All jobs under simulation; each may have variants, of which a run takes one. */
import type { Trial } from './trial.ts';
import { WINDOW_TRIALS } from './windows.ts';

export const TRIALS: readonly (readonly Trial[])[] = [...WINDOW_TRIALS];
