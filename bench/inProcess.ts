/** What `tidemark run` takes: each job in a process of its own, over files of generated events. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJob } from '../cli/runJob.ts';
import { JOBS } from '../functions/jobs.ts';
import {
  GENERATED_STREAMS,
  generateEvents,
  SAMPLE_SEED,
} from '../inputs/generate/generateEvents.ts';
import { interleave } from '../inputs/interleave.ts';
import { readInput } from '../inputs/readInput.ts';
import { streamsOf } from '../shared/job/spec.ts';
import type { StreamName } from '../shared/model/lane.ts';
import { answer, inChild, peakBytes, withFolder } from './inChild.ts';
import { type Row, rowsIn } from './report.ts';

/** As the command has it where nobody says. */
const OPTIONS = { lanes: 1, batch: 10_000, atEnd: 'flush' } as const;

interface Task {
  /** A job's name. */
  readonly job: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly files: readonly (readonly [StreamName, file: string])[];
}

/** A job that is measured as it usually is, and otherwise. */
const VARIANTS: Readonly<Record<string, readonly Task['parameters'][]>> = {
  'order-timeout': [{}, { rows: 'problems' }],
};
/** What is asked of it beside hot items: rates at which Flink does them, by that of hot items on one machine (1,000 events/s each). */
const OF_HOT_ITEMS: Readonly<Record<string, number>> = {
  pvuv: 160 / 129,
  'order-timeout rows=problems': 120 / 129,
};

/** What is asked of its memory (MB). */
const PEAK_MB_MAX: Readonly<Record<string, number>> = { 'order-timeout rows=problems': 500 };

/** @param events of each job; a third of a reconciliation's are receipts */
export async function measureInProcess(events: number): Promise<Row[]> {
  const row = rowsIn(`jobs in process over ${events.toLocaleString('en')} generated events`);
  const rows: Row[] = [];
  const rates = new Map<string, number>();
  const generated = JOBS.filter(({ usual }) =>
    streamsOf(usual).every((stream) => GENERATED_STREAMS.includes(stream)),
  );
  const variants = generated.flatMap((family) =>
    (VARIANTS[family.name] ?? [{}]).map((parameters) => ({ family, parameters })),
  );
  for (const { family, parameters } of variants) {
    const { eventsPerSecond, peakMb } = await withFolder((folder) => {
      const streams = streamsOf(family.usual);
      const files = streams.map((stream) => {
        const part = streams.length === 1 ? 1 : stream === 'receipts' ? 1 / 3 : 2 / 3;
        const options = { seed: SAMPLE_SEED, events: Math.round(events * part) };
        const lines = Array.from(generateEvents(stream, options), ({ line }) => String(line));
        const file = join(folder, stream);
        writeFileSync(file, lines.join('\n'));
        return [stream, file] as const;
      });
      const task: Task = { job: family.name, parameters, files };
      return inChild<Awaited<ReturnType<typeof run>>>(import.meta.url, task);
    });
    const given = Object.entries(parameters).map((each) => each.join('='));
    const name = [family.name, ...given].join(' ');
    rates.set(name, eventsPerSecond);
    rows.push(row(name, eventsPerSecond, 'events/s'));
    rows.push(row(name, peakMb, 'MB of RSS at the peak', { atMost: PEAK_MB_MAX[name] }));
  }
  const hotItems = rates.get('hot-items') ?? Number.NaN;
  for (const [name, atLeast] of Object.entries(OF_HOT_ITEMS)) {
    const rate = rates.get(name) ?? Number.NaN;
    rows.push(row(name, rate / hotItems, 'of hot items', { atLeast }));
  }
  return rows;
}

/** In the child. */
async function run({ job, parameters, files }: Task) {
  const family = JOBS.find(({ name }) => name === job);
  if (!family) throw new Error(`there is no job ${job}`);
  let events = 0;
  async function* eventsOf(stream: StreamName, file: string) {
    for await (const event of readInput(stream, file, { timeUnit: 'ms' })) {
      events += 1;
      yield { ...event, stream };
    }
  }
  const start = performance.now();
  await runJob(
    family.build(parameters),
    interleave(files.map((each) => eventsOf(...each))),
    OPTIONS,
  );
  const seconds = (performance.now() - start) / 1_000;
  return { eventsPerSecond: events / seconds, peakMb: peakBytes() / 1_000_000 };
}

if (import.meta.main) await answer(run);
