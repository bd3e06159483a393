/** The process that closes: reads a task from a file, and prints what closing took. */

import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { JOBS } from '../functions/jobs.ts';
import type { ParameterTexts } from '../shared/job/parameters.ts';
import { isoTime } from '../shared/model/time.ts';
import type { Item } from '../shared/ports/table.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { readClosingState } from '../shared/state/inspect.ts';
import { createCloser, jobOf, type Stand, standFor } from './stand.ts';

export interface ManyKeysTask {
  /** A job's name. */
  readonly job: string;
  readonly texts: ParameterTexts;
  /** The state table's items. */
  readonly items: readonly Item[];
  readonly windowEnd: number;
}

export interface ManyKeysReport {
  readonly grownMb: number;
  readonly seconds: number;
  /** Distinct keys in the closed window's row. */
  readonly keysFound: number;
  /** Items of the largest page. */
  readonly pageParts: number;
}

async function close(file: string): Promise<ManyKeysReport> {
  const task = deserialize(readFileSync(file)) as ManyKeysTask;
  const family = JOBS.find(({ name }) => name === task.job);
  if (!family) throw new Error(`there is no job ${task.job}`);
  const job = jobOf(family, task.texts);
  if (job.kind !== 'window') throw new Error(`${job.name} has no windows`);
  const stand = standFor(job);
  stand.clock.moveTo(task.windowEnd);
  await stand.stored.batchPut(task.items);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  await createCloser(stand.job, stand, DEFAULT_SETTINGS).run('nudge');
  const seconds = (performance.now() - start) / 1_000;
  const peak = process.resourceUsage().maxRSS * 1_024;
  const { pages } = await readClosingState(stand.job.id, stand.state);
  return {
    grownMb: (peak - before) / 1_000_000,
    seconds,
    keysFound: keysIn(stand, isoTime(task.windowEnd)),
    pageParts: Math.max(...pages.map(({ page }) => page.parts)),
  };
}

function keysIn({ rows }: Stand, windowEnd: string): number {
  for (const item of rows.items()) {
    if (item['windowEnd'] !== windowEnd) continue;
    if (item['board'] === 'items:pv') return item['keys'] as number;
    if (item['site'] === 'all') return item['uv'] as number;
  }
  return 0;
}

const [, , file] = process.argv;
if (file !== undefined) console.log(JSON.stringify(await close(file)));
