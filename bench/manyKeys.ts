/**
 * Closing one window with millions of distinct keys: how much memory and time it takes a fresh process. The logs are
 * built here and handed over in a file, so that the child's memory is closing's alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { hotItems } from '../functions/hotItems/job.ts';
import { pvuv } from '../functions/pvuv/job.ts';
import type { JobFamily } from '../shared/job/job.ts';
import type { ParameterTexts } from '../shared/job/parameters.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import type { BenchEvent } from './events.ts';
import type { ManyKeysReport, ManyKeysTask } from './manyKeysChild.ts';
import { batchesOf, PACKED, recordsOf, STREAM } from './records.ts';
import type { Row } from './report.ts';
import { ingestInto, jobOf, standFor } from './stand.ts';

const SECTION = 'closing a window of many keys';
const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const BATCH = 9_000;
const MEMORY_MB_MAX = 512;
/** V8 collects late when it may grow: limited to this, the process takes what it needs. */
const HEAP_MB_MAX = 400;

interface Case {
  readonly what: string;
  readonly family: JobFamily<WindowJob>;
  readonly texts: ParameterTexts;
  idOf(n: number): string;
}

const CASES: readonly Case[] = [
  { what: 'hot items, one window due', family: hotItems, texts: { slide: '1h' }, idOf: integerId },
  { what: 'hot items, 12 windows due at once', family: hotItems, texts: {}, idOf: integerId },
  { what: 'exact uv of string ids', family: pvuv, texts: {}, idOf: (n) => `user-${n}` },
];

/** Different for every n below 2^32, and spread like chance, so that no codec profits: a mixer that is a bijection. */
function integerId(n: number): string {
  const mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const more = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return String((more ^ (more >>> 16)) >>> 0);
}

/** One view of each of so many items by as many users, spread over one hour; then the next hour's first view. */
function* viewsOf(keys: number, idOf: (n: number) => string): Generator<BenchEvent> {
  for (let n = 0; n <= keys; n += 1) {
    yield {
      userId: idOf(n),
      itemId: integerId(n),
      categoryId: String(n % 4_000),
      behavior: 'pv',
      timestamp: START_MS + Math.floor((n / keys) * HOUR_MS),
    };
  }
}

export async function measureManyKeys(keys: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { what, family, texts, idOf } of CASES) {
    const job = jobOf(family, texts);
    const stand = standFor(job);
    const ingest = ingestInto(stand, stand.state);
    for (const batch of batchesOf(viewsOf(keys, idOf), BATCH)) {
      stand.clock.moveTo(batch.at(-1)?.timestamp ?? 0);
      const records = recordsOf(batch, PACKED);
      await ingest.ingest({ stream: STREAM, shard: 'shardId-000000000000', records });
    }
    const report = closeInChild({
      job: family.name,
      texts,
      items: [...stand.stored.items()],
      windowEnd: START_MS + HOUR_MS,
    });
    rows.push(...rowsFor(what, keys, report));
  }
  return rows;
}

function rowsFor(what: string, keys: number, report: ManyKeysReport): Row[] {
  const common = { section: SECTION, what: `${what}, ${keys.toLocaleString('en')} keys` };
  const { grownMb, seconds, keysFound, pageParts } = report;
  return [
    { ...common, measured: keysFound, unit: 'keys in the row', budget: { atLeast: keys } },
    {
      ...common,
      measured: grownMb,
      unit: 'MB of RSS at the peak',
      budget: { atMost: MEMORY_MB_MAX },
      note: `heap limited to ${HEAP_MB_MAX} MB; pages of up to ${pageParts} items`,
    },
    { ...common, measured: seconds, unit: 's' },
  ];
}

function closeInChild(task: ManyKeysTask): ManyKeysReport {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const file = join(folder, 'task');
    writeFileSync(file, serialize(task));
    const flags = [`--max-old-space-size=${HEAP_MB_MAX}`];
    const child = fileURLToPath(new URL('manyKeysChild.ts', import.meta.url));
    return JSON.parse(
      execFileSync(process.execPath, [...flags, child, file], { encoding: 'utf8' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
