/**
 * Which events patterns match, as tables. Rows marked with a name of Flink's are the example of that section of its
 * documentation, or the case of that name in the tests of its library, where the pattern can be said here.
 */
import { describe } from 'vitest';
import { sequence } from '../../../../shared/job/pattern/sequence.ts';
import { is } from './letters.ts';
import { table } from './table.ts';

const a = sequence('a', is('a'));
const c = sequence('c', is('c'));
const ab = a.followedBy('b', is('b'));
const strictAb = a.next('b', is('b'));
const aThenTwoB = a.followedBy('b', is('b')).times(2);
const cThenTwoA = c.followedBy('a', is('a')).times(2);
const cNextTwoA = c.next('a', is('a')).times(2);

describe('between steps', () => {
  table([
    ['strict: not past another event (Combining Patterns)', strictAb, 'a c b1 b2', []],
    ['relaxed: the first that fits (Combining Patterns)', ab, 'a c b1 b2', ['a b1']],
    ['strict: the very next event fits', strictAb, 'a b1 b2', ['a b1']],
    ['strict: what comes before the first step does not matter', strictAb, 'x b1 a b2', ['a b2']],
    ['strict: another first event ends it and begins its own', strictAb, 'a1 a2 b', ['a2 b']],
    ['relaxed: each first event has its match, in their order', ab, 'a1 a2 b', ['a1 b', 'a2 b']],
    [
      'relaxed: a later end belongs to later beginnings only',
      ab,
      'a1 b1 a2 b2 b3',
      ['a1 b1', 'a2 b2'],
    ],
    ['an end before any beginning is nothing', ab, 'b1 b2 a', []],
    ['strict after relaxed: one miss ends it for good', ab.next('c', is('c')), 'a b1 b2 c', []],
    ['strict after relaxed: fits', ab.next('c', is('c')), 'a x b1 c', ['a b1 c']],
    ['relaxed after strict', strictAb.followedBy('c', is('c')), 'a b x c1 c2', ['a b c1']],
    [
      'an event that fits two steps extends one match and begins another',
      sequence('first', is('ab')).next('second', is('b')),
      'a b1 b2',
      ['a b1', 'b1 b2'],
    ],
    [
      'an event is taken once by a match although it fits the next step too',
      sequence('first', is('a')).followedBy('second', is('a')),
      'a1 a2 a3',
      ['a1 a2', 'a2 a3'],
    ],
    ['one step alone matches every event that fits', a, 'a1 x a2', ['a1', 'a2']],
  ]);
});

describe('loops', () => {
  table([
    ['relaxed inside by default: others are passed over', a.times(2), 'a1 x a2', ['a1 a2']],
    ['consecutive: another event ends it', a.times(2).consecutive(), 'a1 x a2 a3', ['a2 a3']],
    [
      'three in a row are two overlapping pairs',
      a.times(2).consecutive(),
      'a1 a2 a3',
      ['a1 a2', 'a2 a3'],
    ],
    ['relaxed pairs overlap too', a.times(2), 'a1 x a2 y a3', ['a1 a2', 'a2 a3']],
    [
      'no combinations: the first event goes with the next only',
      a.times(3),
      'a1 a2 a3 a4',
      ['a1 a2 a3', 'a2 a3 a4'],
    ],
    ['times(1) is the step alone', a.times(1).consecutive(), 'a1 a2', ['a1', 'a2']],
    [
      'a loop at the start, then a step (testStartWithTimes)',
      a.times(2).consecutive().followedBy('b', is('b')),
      'a1 a2 a3 b',
      ['a1 a2 b', 'a2 a3 b'],
    ],
    [
      'a loop followed by a strict step',
      a.times(2).consecutive().next('b', is('b')),
      'a1 a2 a3 b',
      ['a2 a3 b'],
    ],
    [
      'a relaxed loop followed by a strict step',
      a.times(2).next('b', is('b')),
      'a1 x a2 b',
      ['a1 a2 b'],
    ],
    [
      'a relaxed loop: the step after it has to be strict towards its last event',
      a.times(2).next('b', is('b')),
      'a1 a2 x b',
      [],
    ],
    [
      'a loop takes the first so many, not later ones (testTimesNotStrictWithFollowedByEager)',
      cThenTwoA.followedBy('end', is('b')),
      'c a1 a2 a3 b',
      ['c a1 a2 b'],
    ],
    [
      'a strict loop after a strict step, interrupted (testTimesStrictWithNextAndConsecutive)',
      cNextTwoA.consecutive().followedBy('end', is('b')),
      'c a1 f a2 a3 b',
      [],
    ],
    [
      'a relaxed loop after a strict step: only its first event is strict',
      cNextTwoA.followedBy('end', is('b')),
      'c a1 f a2 f a3 b',
      ['c a1 a2 b'],
    ],
    ['a relaxed loop after a strict step: its first event is strict', cNextTwoA, 'c f a1 a2', []],
    [
      'a strict loop after a relaxed step begins at the first that fits and at no later one (consecutive())',
      cThenTwoA.consecutive(),
      'c d a1 d a2 a3',
      [],
    ],
    [
      'a strict loop after a relaxed step (consecutive())',
      cThenTwoA.consecutive().followedBy('end', is('b')),
      'c d a1 a2 a3 d a4 b',
      ['c a1 a2 b'],
    ],
    ['a loop after a relaxed step, relaxed inside', aThenTwoB, 'a x b1 y b2 b3', ['a b1 b2']],
    [
      'two loops',
      a.times(2).followedBy('b', is('b')).times(2),
      'a1 b0 a2 b1 a3 b2',
      ['a1 a2 b1 b2'],
    ],
    [
      'one match goes on while another begins',
      aThenTwoB,
      'a1 b1 a2 b2 b3',
      ['a1 b1 b2', 'a2 b2 b3'],
    ],
    [
      'matches that end together come in the order of their beginnings',
      aThenTwoB,
      'a1 a2 b1 a3 b2 b3',
      ['a1 b1 b2', 'a2 b1 b2', 'a3 b2 b3'],
    ],
  ]);
});
