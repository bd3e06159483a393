/** Stored state says which format it has: older ones are read, newer ones are left alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NewerFormatError } from '../../../shared/errors.ts';
import { days, minutes } from '../../../shared/index.ts';
import type { Job } from '../../../shared/job/job.ts';
import { isKeyed } from '../../../shared/job/traits.ts';
import type { Item } from '../../../shared/ports/table.ts';
import { STATE_FORMAT } from '../../../shared/state/formats.ts';
import { readLaneStatuses, readSideEvents } from '../../../shared/state/inspect.ts';
import { TestEngine } from '../../support/engine.ts';
import {
  COURSES,
  type Course,
  deliver,
  type Frozen,
  freeze,
  thaw,
  unpackFrozen,
} from '../../support/frozenState.ts';
import { streamRecords } from '../../support/records.ts';
import { signal, tasksJob } from '../../support/signals.ts';

/** From this format on the keys of gates and patterns are kept in the stores of their lanes. */
const KEPT_IN_STORES = 3;

const FIXTURES = new URL('../../fixtures/state/', import.meta.url);

const formats = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name) => Number.parseInt(name.replace('format-', ''), 10))
  .sort((a, b) => a - b);

const frozenIn = (format: number): Frozen[] =>
  unpackFrozen(readFileSync(new URL(`format-${format}.json.gz`, FIXTURES)));

describe('a state of each format', () => {
  it('is kept, up to the one before that of today', () => {
    expect(formats.filter((format) => format < STATE_FORMAT)).toEqual(
      Array.from({ length: STATE_FORMAT - 1 }, (_, i) => i + 1),
    );
  });

  for (const format of formats) {
    it.each(COURSES.filter(({ job }) => format >= KEPT_IN_STORES || !isKeyed(job)))(
      `${format} is gone on from: $job.id`,
      async (course) => {
        const frozen = frozenIn(format).find(({ job }) => job === course.job.id) as Frozen;
        const engine = await thaw(course, frozen);
        await deliver(engine, course, frozen.done);
        await engine.finish();
        const whole = new TestEngine<Job>(course.job);
        await deliver(whole, course, 0);
        await whole.finish();
        expect(await everything(engine)).toEqual(await everything(whole));
      },
    );
  }

  for (const format of formats.filter((each) => each < KEPT_IN_STORES)) {
    it.each(COURSES.filter(({ job }) => isKeyed(job)))(
      `${format}, in which each key had an item of its own, is refused: $job.name`,
      async (course) => {
        const job = { ...course.job, id: `${course.job.name}@1` } as Job;
        const frozen = frozenIn(format).find((each) => each.job === job.id) as Frozen;
        const engine = await thaw({ ...course, job }, frozen);
        const before = [...engine.state.items()];
        await expect(deliver(engine, { ...course, job }, frozen.done)).rejects.toThrow(
          /stored state of another shape .*raise the version of the job/,
        );
        expect([...engine.state.items()]).toEqual(before);
      },
    );
  }
});

async function everything(engine: TestEngine<Job>) {
  // Code of before wrote no row over all provinces, and what it closed stays as it is.
  const rows = [...engine.tables.keys()].map((table) =>
    engine.answers(table).filter(({ province }) => province !== 'total'),
  );
  const [lane] = await readLaneStatuses(engine.job.id, engine.state);
  const side = [];
  // A reason is stored as a sentence, and so in the words of the code that found it.
  for await (const { raw, reason, ...event } of readSideEvents(engine.job.id, engine.state)) {
    side.push({ ...event, hasReason: Boolean(reason), raw: Buffer.from(raw).toString('latin1') });
  }
  return { rows, side, counts: lane?.counts, watermark: lane?.watermark };
}

describe('what is stored today', () => {
  it.each(COURSES)('says its format, item by item: $job.id', async (course) => {
    const frozen = await freeze(course);
    const unsaid = Object.entries(frozen.tables).flatMap(([table, items]) =>
      items.filter((item) => marked(table, item)?.['format'] !== STATE_FORMAT),
    );
    expect(unsaid).toEqual([]);
  });
});

/** Where an item's format stands; undefined for rows that hold nothing of the engine but a fence. */
function marked(table: string, item: Item): Item | undefined {
  if (table === 'state') return item;
  return (item['engine'] as Item | undefined) ?? { format: STATE_FORMAT };
}

describe('code that meets the state of newer code', () => {
  const newer = STATE_FORMAT + 1;
  const raised = (table: string, item: Item): Item => {
    if (table === 'state') return { ...item, format: newer };
    const engine = item['engine'] as Item | undefined;
    return engine ? { ...item, engine: { ...engine, format: newer } } : item;
  };

  async function older(course: Course, isNewer: (item: Item) => boolean) {
    const frozen = await freeze(course);
    const tables = Object.fromEntries(
      Object.entries(frozen.tables).map(([table, items]) => [
        table,
        items.map((item) => (isNewer(item) ? raised(table, item) : item)),
      ]),
    );
    return { engine: await thaw(course, { ...frozen, tables }), done: frozen.done };
  }

  const stored = ({ state, tables }: TestEngine<Job>) =>
    [state, ...tables.values()].map((table) => [...table.items()]);

  const refusal = new RegExp(
    `has format ${newer}, and this code reads formats 1 to ${STATE_FORMAT}`,
  );

  async function expectRefusal(work: () => Promise<unknown>) {
    const failure = await work().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(NewerFormatError);
    expect((failure as Error).message).toMatch(refusal);
  }

  for (const course of COURSES) {
    it(`stops and changes nothing: ${course.job.id}`, async () => {
      const { engine, done } = await older(course, () => true);
      const before = stored(engine);
      await expectRefusal(() => deliver(engine, course, done, done + 1));
      if (course.job.kind === 'window') await expectRefusal(() => engine.close('schedule'));
      if (course.job.kind !== 'window' || course.job.gate) {
        await expectRefusal(() => engine.fire('schedule'));
      }
      expect(stored(engine)).toEqual(before);
    });
  }

  it('closes no window where only `closing` is newer', async () => {
    const course = COURSES[0] as Course;
    const { engine } = await older(course, ({ sk }) => sk === 'closing');
    await expectNoClosing(engine);
  });

  it('closes no window where only a commit is newer that is not merged', async () => {
    const course = COURSES[0] as Course;
    const { engine, done } = await older(course, () => false);
    const { events, batch } = course;
    const first = done * batch;
    await engine.ingest(streamRecords(events.slice(first, first + batch), { first }));
    const newest = [...engine.state.items()].findLast(({ pk }) => String(pk).includes('#log#'));
    await engine.state.batchPut([raised('state', newest as Item)]);
    await expectNoClosing(engine);
  });

  async function expectNoClosing(engine: TestEngine<Job>) {
    const before = stored(engine);
    await expectRefusal(() => engine.close('endOfInput'));
    expect(stored(engine)).toEqual(before);
  }

  async function makeNewer({ results }: TestEngine<Job>, task: string) {
    const [row] = await results.batchGet([{ pk: task, sk: '' }], 'strong');
    await results.batchPut([raised('tasks', row as Item)]);
  }

  it('merges nothing where the row is newer of a key that the lane does not know any more', async () => {
    const shards = new TestEngine<Job>(tasksJob() as unknown as Job);
    await shards.put('s', [signal('a', 'done', 0)]);
    shards.clock.advance(minutes(5));
    await shards.put('s', [signal('b', 'done', 1)]);
    // The snapshot of the lane is put anew, without keys that wait for nothing.
    shards.clock.advance(days(8));
    await shards.put('s', [signal('c', 'done', 2)]);
    await makeNewer(shards, 'a');
    const before = stored(shards);
    shards.coldStart();
    await expectRefusal(() => shards.put('s', [signal('a', 'open', 3)]));
    expect(stored(shards)).toEqual(before);
  });
});
