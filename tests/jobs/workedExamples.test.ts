/**
 * Every function's README has a worked example, and this test runs it. An example is JSON blocks behind
 * paragraphs that begin with `In` and `Out`:
 *
 * - `In, on `orders`, ...` names the stream where a job reads several; `In, with `limit=2`, ...` sets parameters.
 * - `In, 49 times each, ...` has lines that come so often.
 * - `Out, ... of the rows ...` shows some rows; any other `Out` shows all of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicAttributes } from '../../cli/output/rows.ts';
import { type RunResult, runJob } from '../../cli/runJob.ts';
import { JOBS } from '../../functions/jobs.ts';
import { STREAM_FORMATS } from '../../inputs/formats.ts';
import type { InputEvent } from '../../inputs/inputEvent.ts';
import type { Item } from '../../shared/ports/table.ts';
import { parseLine } from '../support/parseLine.ts';

/** A JSON block and the paragraph in front of it. */
interface Block {
  readonly paragraph: string;
  readonly lines: readonly string[];
}

interface Example {
  readonly events: readonly InputEvent[];
  readonly texts: Readonly<Record<string, string>>;
  readonly rows: readonly Item[];
  readonly shows: 'all rows' | 'some rows';
}

function blocksOf(readme: string): Block[] {
  const paragraphs = readme.split('\n\n').map((each) => each.trim());
  return paragraphs.flatMap((code, i) => {
    const before = (paragraphs[i - 1] ?? '').replaceAll(/\s+/g, ' ');
    if (!code.startsWith('```json\n') || !/^(In|Out)\b/.test(before)) return [];
    return [{ paragraph: before, lines: code.split('\n').slice(1, -1) }];
  });
}

const quoted = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The stream that a text names in quotes. */
const streamIn = (text: string): string | undefined =>
  quoted(text).find((name) => Object.hasOwn(STREAM_FORMATS, name));

function exampleIn(readme: string): Example {
  const blocks = blocksOf(readme);
  const inputs = blocks.filter(({ paragraph }) => paragraph.startsWith('In'));
  const outputs = blocks.filter(({ paragraph }) => paragraph.startsWith('Out'));
  const reads = readme.split('\n').find((line) => line.startsWith('| reads |')) ?? '';
  return {
    events: inputs.flatMap(({ paragraph, lines }) => {
      const stream = streamIn(paragraph) ?? streamIn(reads) ?? '';
      const format = STREAM_FORMATS[stream];
      if (!format) throw new Error(`no stream is named in "${paragraph}" or "${reads}"`);
      const times = Number(/\b(\d+) times each\b/.exec(paragraph)?.[1] ?? 1);
      const events = lines.map((line) => ({ stream, ...parseLine(line, format, 'ms') }));
      return events.flatMap((event) => new Array<InputEvent>(times).fill(event));
    }),
    texts: Object.fromEntries(
      inputs
        .flatMap(({ paragraph }) => quoted(paragraph))
        .filter((text) => text.includes('='))
        .map((text) => text.split('=')),
    ),
    rows: outputs.flatMap(({ lines }) => lines.map((line) => JSON.parse(line) as Item)),
    shows: outputs.some(({ paragraph }) => paragraph.includes('of the rows'))
      ? 'some rows'
      : 'all rows',
  };
}

const folderOf = (job: string): string =>
  job.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

function readmeOf(job: string): string {
  const file = new URL(`../../functions/${folderOf(job)}/README.md`, import.meta.url);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Of events in the example that are none. */
async function deadReasons({ sideEvents }: RunResult): Promise<string[]> {
  const reasons: string[] = [];
  for await (const each of sideEvents()) if (each.kind === 'dead') reasons.push(each.reason ?? '');
  return reasons;
}

/** Public attributes without those that depend on when closing ran. */
function answerIn(row: Item): Item {
  const { revision: _revision, final: _final, ...answer } = publicAttributes(row);
  return answer;
}

describe.each(JOBS.map((family) => [family.name, family] as const))(
  'the README of %s',
  (name, family) => {
    const example = exampleIn(readmeOf(name));

    it('has an example with input and rows', () => {
      expect(example.events.length).toBeGreaterThan(0);
      expect(example.rows.length).toBeGreaterThan(0);
    });

    it('shows what the job makes of it', async () => {
      const setup = { lanes: 1, batch: 1_000, atEnd: 'flush' } as const;
      const result = await runJob(family.build(example.texts), example.events, setup);
      expect(await deadReasons(result)).toEqual([]);
      const rows = result.rows.map(answerIn);
      const shown = example.rows.map(answerIn);
      for (const row of shown) {
        // Of the same window, so that a failure shows little else.
        const near = rows.filter(({ windowEnd }) => windowEnd === row['windowEnd']);
        expect(near).toContainEqual(row);
      }
      if (example.shows === 'all rows') expect(rows.length).toBe(shown.length);
    });
  },
);
