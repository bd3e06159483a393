/** Every row of the tables in docs/patterns.md, run. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../../shared/index.ts';
import {
  type Pattern,
  type SingleStep,
  sequence,
} from '../../../../shared/job/pattern/sequence.ts';
import { is, type Letter, moments, run } from './letters.ts';

const DOCUMENT = readFileSync(new URL('../../../../docs/patterns.md', import.meta.url), 'utf8');

/** `[pattern, input, matches, timed out]`, as the document writes them. */
const ROWS = DOCUMENT.split('\n')
  .filter((line) => line.startsWith('| `sequence('))
  .map((line) => line.slice(2, -2).split(' | '));

const codeIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code);

type Declared = SingleStep<Letter, never> & {
  consecutive(): Declared;
};

/** `sequence('a').next('b').within(2s)`: a step's name says which letters satisfy it. */
function patternOf(text: string): Pattern<Letter> {
  let declared: Declared | undefined;
  for (const [, call = '', argument = ''] of text.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const name = argument.replaceAll("'", '');
    if (call === 'within' && declared) return declared.within(seconds(Number.parseFloat(argument)));
    declared = calling(declared, call, name);
  }
  if (!declared) throw new Error(`no pattern in "${text}"`);
  return declared.unbounded();
}

function calling(declared: Declared | undefined, call: string, argument: string): Declared {
  if (!declared) return sequence<Letter>(argument, is(argument)) as Declared;
  switch (call) {
    case 'next':
      return declared.next(argument, is(argument)) as Declared;
    case 'followedBy':
      return declared.followedBy(argument, is(argument)) as Declared;
    case 'times':
      return declared.times(Number(argument)) as unknown as Declared;
    case 'consecutive':
      return declared.consecutive();
    default:
      throw new Error(`the document calls ${call}`);
  }
}

/** Times in the document are seconds. */
const inMilliseconds = (input: string): string =>
  input.replaceAll(/@([\d.]+)s/g, (_, text: string) => `@${Math.round(Number(text) * 1_000)}`);

const timedOutIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]*)` at (\d+) s/g)].map(([, labels, at]) => `${labels} @${at}000`);

describe('the tables of docs/patterns.md', () => {
  it('have rows to run', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(25);
  });

  it.each(ROWS)('%s of %s is %s', (pattern = '', input = '', matches = '', timedOut = '') => {
    const [events = ''] = codeIn(input);
    const found = run(patternOf(codeIn(pattern)[0] ?? ''), moments(inMilliseconds(events)));
    expect(found.matches).toEqual(codeIn(matches));
    expect(found.timedOut).toEqual(timedOutIn(timedOut));
  });
});
