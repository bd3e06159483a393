/** Every second canary; the others are in `moreCanaries.test.ts`, beside it in time. */
import { CANARIES } from './canaries.ts';
import { expectCaught } from './expectCaught.ts';

expectCaught(CANARIES.filter((_, i) => i % 2 === 0));
