/** Where a job's own code threw, as its dead letters and errors name it. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { withPlace } from '../../../shared/model/throwPlace.ts';

const THIS_FILE = 'tests/unit/model/throwPlace.test.ts';

/** An error with the stack that V8 makes of such frames; the first is the innermost. */
function errorWith(message: string, ...frames: string[]): Error {
  const error = new Error(message);
  // As this process writes places of the project: with a scheme or without.
  const own = error.stack?.split('\n').find((line) => line.includes(THIS_FILE)) ?? '';
  const root = /\(?((?:file:\/\/)?[^\s()]*)tests\/unit\/model/.exec(own)?.[1] ?? '';
  const lines = frames.map((frame) => `    at ${frame.replace('ROOT/', root)}`);
  error.stack = [`Error: ${message}`, ...lines].join('\n');
  return error;
}

/** The message is the stack of another error, so its lines are frames of this project. */
const looksLikeAStack = (): Error =>
  errorWith(errorWith('', 'x (ROOT/functions/evil.ts:1:1)').stack ?? '');

const thrownBy = (code: () => unknown): unknown => {
  try {
    return code();
  } catch (error) {
    return error;
  }
};

describe('the place of a throw', () => {
  it('is the line of the code that threw, through what it calls and what calls it', () => {
    const schema = z.object({
      a: z.string().refine((text) => (text as never as { b: { c: 1 } }).b.c),
    });
    const here = `\\(at ${THIS_FILE}:\\d+\\)$`;
    const [first, second] = ['x', 'y'].map((a) =>
      withPlace(
        'no',
        thrownBy(() => schema.parse({ a })),
      ),
    );
    expect(first).toMatch(new RegExp(here));
    // So that a dictionary of reasons holds it once.
    expect(second).toBe(first);
  });

  it.each([
    [
      'with the name of the function',
      ['Object.filter (ROOT/functions/pvuv/job.ts:31:5)'],
      'functions/pvuv/job.ts:31',
    ],
    ['without', ['ROOT/functions/pvuv/job.ts:31:5'], 'functions/pvuv/job.ts:31'],
    [
      'behind the engine’s own aggregates',
      ['add (ROOT/shared/aggregates/countBy.ts:3:1)', 'add (ROOT/functions/pvuv/job.ts:8:1)'],
      'functions/pvuv/job.ts:8',
    ],
    [
      'behind packages and what is made while running',
      [
        'x (node:internal/a:1:1)',
        'y (ROOT/node_modules/zod/v4/core.js:1:1)',
        'eval (eval at compile (ROOT/a.js:2:2), <anonymous>:6:31)',
        'a (ROOT/functions/pvuv/events.ts:9:9)',
      ],
      'functions/pvuv/events.ts:9',
    ],
  ])('is found %s', (_, frames, place) => {
    expect(withPlace('no', errorWith('no', ...frames))).toBe(`no (at ${place})`);
  });

  it.each([
    [
      'the engine threw',
      errorWith(
        'no',
        'keyOf (ROOT/shared/operators/intake/judge.ts:1:1)',
        'x (ROOT/functions/pvuv/job.ts:1:1)',
      ),
    ],
    [
      'nothing of the project did',
      errorWith('no', 'x (/somewhere/else/functions/pvuv/job.ts:1:1)'),
    ],
    ['a command did', errorWith('no', 'x (ROOT/cli/runJob.ts:1:1)')],
    ['the text of an event looks like a stack', looksLikeAStack()],
    ['there is no stack', Object.assign(new Error('no'), { stack: undefined })],
    ['it is no error', 'no'],
    [
      'its stack cannot be read',
      Object.defineProperty(new Error('no'), 'stack', {
        get: () => {
          throw new Error('never');
        },
      }),
    ],
  ])('is left out where %s', (_, error) => {
    expect(withPlace('no', error)).toBe('no');
  });
});
