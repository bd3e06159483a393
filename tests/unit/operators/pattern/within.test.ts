/** When a match is in time, as tables: `within`, events of the same time, and failed logins as the whole of it. */
import { describe } from 'vitest';
import { sequence } from '../../../../shared/job/pattern/sequence.ts';
import { milliseconds, seconds } from '../../../../shared/model/time.ts';
import { is } from './letters.ts';
import { table } from './table.ts';

const a = sequence('a', is('a'));
const ab = a.followedBy('b', is('b'));
const strictAb = a.next('b', is('b'));
const aThenTwoB = a.followedBy('b', is('b')).times(2);

describe('within', () => {
  const timed = ab.within(seconds(2));
  const fails = sequence('fail', is('f')).times(2).consecutive().within(seconds(2));
  table([
    ['one below the limit matches', timed, 'a@0 b@1999', ['a b']],
    ['at the limit it has timed out', timed, 'a@0 b@2000', [], ['a @2000']],
    ['one above, too, at the same time', timed, 'a@0 b@2001', [], ['a @2000']],
    [
      'it counts from the first event, not from the one before',
      aThenTwoB.within(seconds(2)),
      'a@0 b1@1500 b2@2500',
      [],
      ['a b1 @2000'],
    ],
    ['negative times are times', timed, 'a@-1000 b@999', ['a b']],
    ['at the limit, before 1970', timed, 'a@-1000 b@1000', [], ['a @1000']],
    ['each partial match has its own limit', timed, 'a1@0 a2@1 b@2000', ['a2 b'], ['a1 @2000']],
    [
      'several time out in the order of their beginnings',
      timed,
      'a1@0 a2@1 x@9000',
      [],
      ['a1 @2000', 'a2 @2001'],
    ],
    ['the watermark one below the limit', timed, 'a@0 W@1999 b@1999', ['a b']],
    ['the watermark at the limit times it out', timed, 'a@0 W@2000', [], ['a @2000']],
    ['the watermark above it gives the same time', timed, 'a@0 W@90000', [], ['a @2000']],
    ['it times out once', timed, 'a@0 W@2000 W@3000 b@3000', [], ['a @2000']],
    [
      'the event that finds it timed out may begin another',
      timed,
      'a1@0 a2@2000 b@3000',
      ['a2 b'],
      ['a1 @2000'],
    ],
    ['a match is not timed out as well', timed, 'a@0 b@1 W@9000', ['a b']],
    ['what strictness ended does not time out', strictAb.within(seconds(2)), 'a@0 x@1 W@9000', []],
    ['what a strict loop lost does not time out', fails, 'f@0 s@1 W@9000', []],
    [
      'a strict partial match times out before the next event can end it',
      strictAb.within(seconds(2)),
      'a@0 x@2000',
      [],
      ['a @2000'],
    ],
    ['one event alone is always within', a.within(milliseconds(1)), 'a1@0 a2@0', ['a1', 'a2']],
    [
      'one millisecond holds events of the same time only',
      ab.within(milliseconds(1)),
      'a1@0 b1@0 a2@5 b2@6',
      ['a1 b1'],
      ['a2 @6'],
    ],
    ['without it, time ends nothing', ab.unbounded(), 'a@0 W@1000000 b@99999999', ['a b']],
  ]);
});

describe('events of the same time', () => {
  table([
    [
      'are distinct, in their order',
      a.times(2).consecutive().within(seconds(2)),
      'a1@5 a2@5 a3@5',
      ['a1 a2', 'a2 a3'],
      [],
    ],
    ['strict means the next by position', strictAb.within(seconds(2)), 'a@5 x@5 b@5', []],
    ['relaxed passes over one of them', ab.within(seconds(2)), 'a@5 x@5 b@5', ['a b']],
    [
      'an end at the same time but before does not count',
      ab.within(seconds(2)),
      'b1@5 a@5 b2@5',
      ['a b2'],
    ],
  ]);
});

describe('failed logins', () => {
  const two = sequence('fail', is('f')).times(2).consecutive().within(seconds(2));
  const three = sequence('fail', is('f')).times(3).consecutive().within(seconds(5));
  table([
    ['three quick fails are two alerts', two, 'f1@842000 f2@843000 f3@844000', ['f1 f2', 'f2 f3']],
    ['and one, when three are asked for', three, 'f1@842000 f2@843000 f3@844000', ['f1 f2 f3']],
    ['a success between them breaks the chain', two, 'f1@0 s@100 f2@200', []],
    ['and the chain begins anew behind it', two, 'f1@0 s@100 f2@200 f3@300', ['f2 f3']],
    ['exactly two seconds apart are no match', two, 'f1@0 f2@2000', [], ['f1 @2000']],
    ['one millisecond less is', two, 'f1@0 f2@1999', ['f1 f2']],
  ]);
});
