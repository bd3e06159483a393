/** Whatever an event holds, nobody's terminal obeys it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { endingOf } from '../../../cli/failure.ts';
import { printable, printableLines } from '../../../cli/output/printable.ts';
import { jsonLine } from '../../../cli/output/rows.ts';
import { rowsTable } from '../../../cli/output/rowsTable.ts';
import { sideEventLine, sideEventsTables } from '../../../cli/output/sideEvents.ts';
import { runCommand } from '../../../cli/program.ts';
import { screenOn } from '../../../infra/local/screen.ts';
import type { JobStatus } from '../../../infra/local/status.ts';
import { NO_COUNTS } from '../../../shared/model/counts.ts';
import { arrivalTime, NO_WATERMARK } from '../../../shared/model/time.ts';
import type { StoredSideEvent } from '../../../shared/state/lane/sideColumns.ts';

/** The kinds: colour, clearing the screen, the window's title, C1, the right-to-left override, and what hides. */
const NASTY =
  '\u001b[31mred\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egpj.exe\u2066\u200f\u061c\u2028\u0085\r\n\ufeff\u007f';
const OBEYED = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/u;
/** But for the line ends of a table. */
const obeyedIn = (text: string): string | undefined => OBEYED.exec(text.replaceAll('\n', ''))?.[0];

describe('text for people', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['\u0007\b\f\n\r\t', '\\u0007\\b\\f\\n\\r\\t'],
    ['\u007f\u0080\u009b\u009f\u00a0', '\\u007f\\u0080\\u009b\\u009f\u00a0'],
    ['a\u202eb\u2066c\u200e', 'a\\u202eb\\u2066c\\u200e'],
    ['\ufeffx\u2028', '\\ufeffx\\u2028'],
    ['\ud800x', '\\ud800x'],
    ['日本 é 😀 👩‍🚀 "\\', '日本 é 😀 👩‍🚀 "\\'],
  ])('of %j is %j', (text, shown) => expect(printable(text)).toBe(shown));

  it('holds nothing that a terminal obeys, and is left alone from then on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(OBEYED.test(shown)).toBe(false);
        expect(shown.isWellFormed()).toBe(true);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });

  it('keeps its lines where it may have several', () => {
    expect(printableLines('a\u001b\nb\r')).toBe('a\\u001b\nb\\r');
  });
});

describe('an event that would move the cursor is escaped', () => {
  const side: StoredSideEvent = {
    kind: 'dead',
    lane: 'logins/s',
    position: '1/0',
    arrival: arrivalTime(0),
    partitionKey: NASTY,
    watermark: NO_WATERMARK,
    reason: `outcome: must be "fail" (found "${NASTY}")`,
    raw: Buffer.from(JSON.stringify({ userId: NASTY })),
  };

  it('in a table of rows, in keys, values and names', () => {
    const row = { url: NASTY, list: [NASTY], map: { [NASTY]: NASTY }, [NASTY]: 1 };
    const shown = rowsTable([row], { name: 'pages', partitionKey: 'url' });
    expect(obeyedIn(shown)).toBeUndefined();
    expect(shown).toContain('\\u001b[31mred\\u001b[2J');
    // A line break of an event is none of the table.
    expect(shown.split('\n')).toHaveLength(5);
  });

  it('in a table of windows', () => {
    const row = {
      url: NASTY,
      windowStart: '2017-11-26T01:00:00.000Z',
      windowEnd: '2017-11-26T02:00:00.000Z',
      ranking: [{ rank: 1, id: NASTY, count: 1 }],
    };
    const table = { name: 'pages', partitionKey: 'url', sortKey: 'windowEnd' };
    expect(obeyedIn(rowsTable([row], table))).toBeUndefined();
  });

  it('in a table of dead letters, in the reason and in the event, text or not', async () => {
    async function* letters() {
      yield side;
      yield { ...side, raw: Buffer.from(`{"userId":"${NASTY}`) };
      yield { ...side, raw: Buffer.of(0x9b, 0x32, 0x4a) };
    }
    const [shown = ''] = await collect(sideEventsTables(letters()));
    expect(obeyedIn(shown)).toBeUndefined();
    expect(shown).toContain('(found "\\u001b[31mred');
  });

  it('on the screen, with a terminal and without', () => {
    for (const isTTY of [true, false]) {
      const written: string[] = [];
      const write = (text: string) => written.push(text);
      const stream = { isTTY, columns: 500, rows: 50, write } as unknown as NodeJS.WriteStream;
      const screen = screenOn(stream);
      screen.say(`an invocation failed: ${NASTY}`);
      const job: JobStatus = {
        name: 'pages',
        counts: NO_COUNTS,
        watermark: NO_WATERMARK,
        watermarkBy: 'events',
        headline: NASTY,
      };
      screen.summarize({
        put: 1,
        total: 2,
        windowsClosed: 0,
        phase: { kind: 'waiting' },
        status: [job],
        failure: `ingest broke: ${NASTY}`,
        places: [],
      });
      // What the picture itself sends to a terminal moves the cursor, and holds no text of events.
      const shown = written.join('');
      expect(shown).toContain('failed: \\u001b[31mred');
      expect(shown).toContain('broke: \\u001b[31mred');
      expect(shown).toContain('pages  \\u001b[31mred\\u001b[2J');
      expect(shown).not.toContain('\u001b[31m');
      expect(shown).not.toContain('\u001b]');
      expect(shown).not.toMatch(/[\u0080-\u009f]|\p{Bidi_Control}/u);
    }
  });

  it('in the line that says why a command failed', () => {
    const { line = '' } = endingOf(new Error(`cannot read ${NASTY}`));
    expect(obeyedIn(line)).toBeUndefined();
  });

  it('in the reason that run prints', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
    vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
    try {
      const file = join(folder, 'logins.jsonl');
      const login = { userId: NASTY, ip: '1.1.1.1', outcome: NASTY, timestamp: 1_795_887_122_000 };
      await writeFile(file, `${JSON.stringify(login)}\n`);
      await runCommand(['run', 'login-fail', '--input', file]);
    } finally {
      vi.restoreAllMocks();
      await rm(folder, { recursive: true });
    }
    const shown = said.join('\n');
    expect(shown).toContain('\\u202egpj.exe');
    expect(obeyedIn(shown)).toBeUndefined();
  });

  it('in no JSON: that stays what JSON makes of it', () => {
    const json = jsonLine({ url: NASTY }, { name: 'pages', partitionKey: 'url' });
    expect(JSON.parse(json)).toMatchObject({ url: NASTY });
    expect(JSON.parse(sideEventLine(side))).toMatchObject({ reason: side.reason });
  });
});
