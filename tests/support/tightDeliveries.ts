/** A process of its own for `patternDeliveries.ts` with low limits: they are changed while modules are loaded. */
import { TIGHT_LIMITS } from '../simulator/limits.ts';
import { loadVariants } from '../simulator/mutate.ts';

loadVariants([TIGHT_LIMITS]);
const { checkPatternDeliveries } = await import('./patternDeliveries.ts');
await checkPatternDeliveries(Number(process.argv[2]));
