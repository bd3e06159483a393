/** Every second canary; the others are in `canaries.test.ts`. */
import { CANARIES } from './canaries.ts';
import { expectCaught } from './expectCaught.ts';

expectCaught(CANARIES.filter((_, i) => i % 2 === 1));
