/** Which keys of a status job have a row, and what that asks of its declaration. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { job, milliseconds } from '../../../shared/index.ts';
import { bareHead, payments, signals, tasksJob } from '../../support/signals.ts';

const both = { signals, payments };
const onBoth = (tail: object) => job({ ...bareHead, sources: both }).status(tail as never);

describe('the rows of a status job', () => {
  const { sources: _sources, filter: _filter, rows: _rows, ...tail } = tasksJob();
  const problems = (lateness: number, remember: number) =>
    ({
      of: 'problems',
      lateness: milliseconds(lateness),
      remember: milliseconds(remember),
    }) as const;

  it('are those of all keys where it does not say', () => {
    expect(tasksJob().rows).toEqual({ of: 'all' });
    expect(onBoth(tail).rows).toEqual({ of: 'all' });
  });

  it.each([
    [0, 0, 0],
    [500, 500, 1_000],
    [500, 500, 5_000],
    [0, 500, 500],
  ])(
    'may be of problems: with lateness %i ms and %i ms out of order, remembered for %i ms',
    (lateness, outOfOrder, remember) => {
      const maxOutOfOrderness = milliseconds(outOfOrder);
      const rows = problems(lateness, remember);
      expect(tasksJob({ rows, maxOutOfOrderness }).rows).toEqual(rows);
    },
  );

  it.each([
    [500, 500, 999],
    [0, 500, 499],
    [500, 0, 499],
    [-1, 0, 5_000],
    [Number.NaN, 0, 5_000],
    [0, 0, Number.NaN],
  ])(
    'may not be of problems with lateness %d ms and %i ms out of order, remembered for %d ms',
    (lateness, outOfOrder, remember) => {
      const maxOutOfOrderness = milliseconds(outOfOrder);
      const declare = () => tasksJob({ rows: problems(lateness, remember), maxOutOfOrderness });
      expect(declare).toThrow(JobDefinitionError);
      expect(declare).toThrow(
        `tasks: lateness is ${lateness} ms, remember ${remember} ms and maxOutOfOrderness ${outOfOrder} ms; ` +
          'give a lateness of 0 or more, and a remember of at least lateness and maxOutOfOrderness together',
      );
    },
  );

  it('are part of the shape, where states are kept with their shard', () => {
    const rows = problems(0, 500);
    const shapes = [
      tasksJob(),
      tasksJob({ rows }),
      tasksJob({ rows: { ...rows, remember: milliseconds(501) } }),
      tasksJob({ rows: { ...rows, lateness: milliseconds(1) } }),
      onBoth(tail),
      onBoth({ ...tail, rows }),
    ].map(({ shape }) => shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe('a status job on a stream of mixed aggregates', () => {
  const { sources: _sources, filter: _filter, ...tail } = tasksJob();
  const mixed = { ...signals, aggregates: 'mixed' } as const;

  it('is refused where it has each key on its own shard', () => {
    const declare = () => job({ ...bareHead, source: mixed }).status(tail as never);
    expect(declare).toThrow(JobDefinitionError);
    expect(declare).toThrow('both: aggregates on signals mix the keys of all shards');
  });

  it('is fine where it reads another one as well', () => {
    const declare = () => job({ ...bareHead, sources: { mixed, payments } }).status(tail as never);
    expect(declare).not.toThrow();
  });
});
