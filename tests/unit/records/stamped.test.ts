/** The entries of a named producer's record: as each line would be alone, with where it stands in the producer's source. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../shared/records/entry.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { ANY_FORM, type Reading } from '../../../shared/records/forms.ts';
import { jsonOf, problemOf } from '../../support/entries.ts';
import { type Line, named } from '../../support/namedRecords.ts';
import { decode } from './decoding.ts';

const placesOf = (entries: readonly Entry[]) =>
  entries.map(({ index, produced }) => produced && [produced.offset, index - produced.first]);

/** Of bytes and text alike. */
const rawOf = ({ raw }: Entry): string => Buffer.from(raw as string).toString('latin1');

const LINES: readonly Line[] = [
  [5, { id: 1 }],
  [6, '  {"id" : 2} '],
  [2n ** 60n, 'no event'],
  [2n ** 60n + 1n, '"text"'],
  [2n ** 60n + 9n, '\ufeff{"id":3}'],
];

const alone = (content: Line[1], reading?: Reading) =>
  decode(
    content instanceof Uint8Array || typeof content === 'string'
      ? content
      : JSON.stringify(content),
    reading,
  );

const shown = (entry: Entry) => ({
  raw: rawOf(entry),
  value: jsonOf(entry),
  problem: problemOf(entry),
});

describe('a line behind a stamp', () => {
  it.each<[string, readonly Line[]]>([
    ['text', LINES],
    [
      'text that is no UTF-8 in places',
      [...LINES, [2n ** 61n, Buffer.of(0x7b, 0xff, 0x7d)], [2n ** 62n, '{}']],
    ],
    [
      'compressed',
      [
        [1, gzipSync('{"id":1}')],
        [2, '{"id":2}'],
      ],
    ],
  ])('is read as if it stood alone: %s', (_, lines) => {
    const entries = decode(named(lines));
    expect(entries.map(shown)).toEqual(lines.flatMap(([, content]) => alone(content)).map(shown));
    expect(entries.map(({ index }) => index)).toEqual(entries.map((__, i) => i));
    expect(placesOf(entries)).toEqual(lines.map(([offset]) => [offset, 0]));
  });

  it('is read by the own decode of its source', () => {
    const reading: Reading = {
      ...ANY_FORM,
      decode: (data) => [...Buffer.from(data).toString('latin1')].map((letter) => ({ letter })),
    };
    const lines: Line[] = [
      [3, 'ab'],
      [4, Buffer.of(0xe9)],
    ];
    const entries = decode(named(lines), reading);
    expect(entries.map(jsonOf)).toEqual([{ letter: 'a' }, { letter: 'b' }, { letter: 'é' }]);
    expect(placesOf(entries)).toEqual([
      [3, 0],
      [3, 1],
      [4, 0],
    ]);
  });

  it('that holds several events has one offset for all of them', () => {
    const array = '[{"id":1},{"id":2},{"id":3}]';
    const entries = decode(
      named([
        [1, '{"id":0}'],
        [4, array],
        [5, '{"id":4}'],
      ]),
    );
    expect(entries.map(jsonOf)).toEqual([0, 1, 2, 3, 4].map((id) => ({ id })));
    expect(placesOf(entries)).toEqual([
      [1, 0],
      [4, 0],
      [4, 1],
      [4, 2],
      [5, 0],
    ]);
    const [, a, b] = entries;
    expect(a?.produced?.stamp).toBe(b?.produced?.stamp);
  });

  it('that is blank takes no offset, as no producer puts one', () => {
    const text = named([
      [1, '{"id":1}'],
      [2, '{"id":2}'],
    ])
      .toString()
      .replace('}\n{"id":2', '}\n \n{"id":2');
    expect(placesOf(decode(text))).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('is dead where its offset is that of the line before it, with a place of its own', () => {
    const entries = decode(
      named([
        [4, '{}'],
        [4, '{"id":1}'],
        [4, 'x'],
        [5, '{}'],
      ]),
    );
    expect(entries.map(problemOf)).toEqual([
      undefined,
      expect.stringMatching(/has the offset 4, and so has the line before it/),
      expect.stringMatching(/has the offset 4/),
      undefined,
    ]);
    expect(placesOf(entries)).toEqual([
      [4, 0],
      [4, 1],
      [4, 2],
      [5, 0],
    ]);
  });

  it('is dead where there are more lines than offsets, and so is all behind it', () => {
    const entries = decode(
      Buffer.concat([
        named([
          [4, '{}'],
          [6, '{}'],
        ]),
        Buffer.from('\n{}\n[{},{}]'),
      ]),
    );
    expect(entries.map(problemOf)).toEqual([
      undefined,
      undefined,
      ...Array.from({ length: 2 }, () => expect.stringMatching(/has no offset/)),
    ]);
    expect(placesOf(entries)).toEqual([
      [4, 0],
      [6, 0],
      [6, 1],
      [6, 2],
    ]);
    expect(entries.slice(2).map(rawOf)).toEqual(['{}', '[{},{}]']);
  });

  it('is dead where its offset would lie beyond the last one', () => {
    const text = `{"tidemark:producer":["o","0-5","","${2n ** 256n - 1n}","AQ=="]}\n{}\n{}`;
    expect(decode(text).map(problemOf)).toEqual([undefined, expect.stringMatching(/no offset/)]);
  });
});

describe('a record whose stamp cannot be read', () => {
  it.each([
    '{"tidemark:producer":["a b","0-5","","1",""]}\n{"id":1}\n{"id":2}',
    '{"tidemark:producer":["a","0-5","","1","?"]}\n{"id":1}\n{"id":2}',
    '{"tidemark:producer":["a","0-5","","1",""]}',
  ])('is one dead letter, with all bytes as they came: %s', (text) => {
    const bytes = Buffer.concat([Buffer.from(text), Buffer.of(0xff)]);
    const entries = decode(bytes);
    expect(entries.map(problemOf)).toEqual([expect.stringMatching(/stamp that cannot be read/)]);
    expect(Buffer.from(entries[0]?.raw as Uint8Array)).toEqual(bytes);
    expect(entries[0]?.produced).toBeUndefined();
  });
});

it('a stamp without a line is one dead letter', () => {
  const entries = decode(named([[1, '']]));
  expect(entries.map(problemOf)).toEqual([expect.stringMatching(/no events/)]);
});

describe('a dead letter that came back', () => {
  const ORIGIN = { job: 'a@1', lane: 's/x', position: '1/0', slot: 0 };

  it('is no record of a producer, even if it holds one: its offsets say nothing', () => {
    const entries = decode(
      encodeRedriven(
        ORIGIN,
        named([
          [1, '{"id":1}'],
          [2, '{"id":2}'],
        ]),
      ),
    );
    expect(entries.map(jsonOf)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(placesOf(entries)).toEqual([undefined, undefined]);
  });

  it("stands where its line does, if it is in a named producer's record", () => {
    const letter = Buffer.from(encodeRedriven(ORIGIN, Buffer.from('{"id":1}\n{"id":2}')));
    const entries = decode(
      named([
        [7, '{}'],
        [9, letter],
      ]),
    );
    expect(placesOf(entries)).toEqual([
      [7, 0],
      [9, 0],
      [9, 1],
    ]);
    expect(entries.map(({ redriven }) => redriven?.first)).toEqual([undefined, 1, 1]);
  });
});
