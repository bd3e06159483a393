/**
 * Deliberately broken variants of the engine, by theme. Each is a change of its source text (`mutate.ts`), so that
 * production code needs no seams for it. The simulator must catch each within a fixed number of seeds.
 */
import { BOUNDARY_CANARIES, CHUNK_CANARIES } from './canaries/boundaries.ts';
import type { Canary } from './canaries/canary.ts';
import { CLOSING_CANARIES } from './canaries/closing.ts';
import { FORWARDING_CANARIES } from './canaries/forwarding.ts';
import { FOUND_CANARIES } from './canaries/found.ts';
import { KEYED_CANARIES } from './canaries/keyed.ts';
import { LANE_CANARIES } from './canaries/lanes.ts';
import { LOG_CANARIES } from './canaries/log.ts';
import { PRODUCER_CANARIES } from './canaries/producers.ts';
import { RECORD_CANARIES } from './canaries/records.ts';
import { ROW_CANARIES } from './canaries/rows.ts';

export const CANARIES: readonly Canary[] = [
  ...LOG_CANARIES,
  ...CLOSING_CANARIES,
  ...ROW_CANARIES,
  ...KEYED_CANARIES,
  ...FORWARDING_CANARIES,
  ...RECORD_CANARIES,
  ...PRODUCER_CANARIES,
  ...LANE_CANARIES,
  ...FOUND_CANARIES,
  ...BOUNDARY_CANARIES,
  ...CHUNK_CANARIES,
];
