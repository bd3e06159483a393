/**
 * `npm run cost`: prints in Markdown what the deployed system costs in a month at three rates, with the price of Amazon
 * Managed Service for Apache Flink beside it. The same output in every run: units are counted, nothing is timed.
 */
import { renderCost } from './costReport.ts';
import { measureSystem } from './costSystem.ts';
import { PRICES } from './prices.ts';

/** Events a second. The first is the one that what a job takes for an event is learned from. */
const RATES = [100, 1_000, 10_000] as const;

console.log(renderCost(await measureSystem(RATES), PRICES));
