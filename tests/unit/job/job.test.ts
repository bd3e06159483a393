/** Declaring a job: what is refused, and what makes stored state another job's. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import {
  combine,
  countBy,
  distinct,
  duration,
  job,
  milliseconds,
  minutes,
  parameterized,
  seconds,
  sequence,
  sliding,
  tally,
  tumbling,
  type WindowJob,
  wholeNumber,
} from '../../../shared/index.ts';
import type { AlertTable } from '../../../shared/job/tables.ts';
import {
  untyped,
  type Visit,
  type VisitsOptions,
  visitSource,
  visitsJob,
} from '../../support/jobs.ts';

const head = {
  name: 'visits',
  version: 1,
  source: visitSource,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: seconds(0),
};

describe('a head', () => {
  it.each(['a', 'hot-items', 'top10', 'a-1'])('may be named %s', (name) => {
    expect(() => job({ ...head, name })).not.toThrow();
  });

  it.each(['', 'HotItems', 'hot_items', '-a', 'a-', 'a--b', '1a', 'a@1', 'a#b', 'a/b'])(
    'may not be named "%s", which is part of every key',
    (name) => {
      expect(() => job({ ...head, name })).toThrow(JobDefinitionError);
      expect(() => job({ ...head, name })).toThrow(`job name "${name}" is not kebab-case`);
    },
  );

  it.each([0, -1, 1.5, Number.NaN])('may not have version %d', (version) => {
    expect(() => job({ ...head, version })).toThrow(
      `version of visits is ${version}; give a whole`,
    );
  });

  it.each(['maxOutOfOrderness', 'maxFutureSkew'])(
    'may not have a negative or missing %s',
    (name) => {
      for (const ms of [-1, Number.NaN]) {
        expect(() => job({ ...head, [name]: milliseconds(ms) })).toThrow(JobDefinitionError);
      }
    },
  );
});

describe('a job', () => {
  it('is named by name and version', () => {
    expect(visitsJob({ version: 3 }).id).toBe('visits@3');
  });

  it('keeps its shape when only names and code change', () => {
    const { shape } = visitsJob();
    expect(visitsJob({ version: 2 }).shape).toBe(shape);
    expect(visitsJob({ filter: () => true, maxOutOfOrderness: seconds(9) }).shape).toBe(shape);
  });

  it.each([
    ['size', { assign: tumbling({ size: minutes(2) }) }],
    ['slide', { assign: sliding({ size: minutes(1), slide: seconds(30) }) }],
    ['offset', { assign: tumbling({ size: minutes(1), offset: seconds(1) }) }],
    ['lateness', { allowedLateness: seconds(1) }],
  ] as [string, VisitsOptions][])('has another shape with another %s', (_, options) => {
    expect(visitsJob(options).shape).not.toBe(visitsJob().shape);
  });

  it('has another shape with another aggregate', () => {
    const tail = {
      assign: tumbling({ size: minutes(1) }),
      allowedLateness: seconds(0),
      late: 'sideOutput',
      table: { name: 'visits', partitionKey: 'site' },
      result: () => [],
    } as const;
    const pageOf = (event: Visit) => event.page;
    const counted = job(head).window({ ...tail, aggregate: countBy(pageOf) });
    const distinguished = job(head).window({ ...tail, aggregate: distinct(pageOf) });
    expect(counted.shape).not.toBe(distinguished.shape);
  });
});

describe('a window tail', () => {
  const tail = {
    assign: tumbling({ size: minutes(1) }),
    allowedLateness: seconds(0),
    late: 'sideOutput',
    aggregate: countBy((event: Visit) => event.page),
    table: { name: 'visits', partitionKey: 'site' },
    result: () => [],
  } as const;

  it.each([-1, Number.NaN])('may not allow a lateness of %d ms', (ms) => {
    const declare = () => job(head).window({ ...tail, allowedLateness: milliseconds(ms) });
    expect(declare).toThrow(JobDefinitionError);
  });

  it.each(['windowEnd', 'revision', ''])('may not call %j personal', (name) => {
    const table = { ...tail.table, personal: [name] };
    expect(() => job(head).window({ ...tail, table })).toThrow(
      `personal of visits names "${name}"`,
    );
    expect(() =>
      job(head).window({ ...tail, table: { ...table, personal: ['site'] } }),
    ).not.toThrow();
  });

  it.each(['windowEnd', 'fence'])('may not partition its table by %s', (partitionKey) => {
    const declare = () => job(head).window({ ...tail, table: { name: 'visits', partitionKey } });
    expect(declare).toThrow('which the engine writes itself');
  });

  it('may have rows that follow groups only where it has groups, and keeps its rows', () => {
    const follows = { ...tail, rowsFollowGroups: true };
    const aggregate = tally(({ page }: Visit) => page, {});
    expect(() => job(head).window({ ...follows, aggregate })).not.toThrow();
    expect(() => job(head).window(follows)).toThrow('one by one, as tally does, and this one is');
    const pages = combine({ pages: aggregate });
    expect(() => job(head).window({ ...follows, aggregate: pages })).toThrow(JobDefinitionError);
    expect(() => job(head).window({ ...follows, aggregate, takesRowsAway: true })).toThrow(
      'rowsFollowGroups and takesRowsAway exclude each other',
    );
  });
});

describe('a table', () => {
  const declare = (table: AlertTable) => () => patternOn(table);

  it.each(['', 'HotItems', 'hot_items', 'a b', '-a'])('may not be named "%s"', (name) => {
    const table = { name, partitionKey: 'userId', sortKey: 'at' };
    expect(declare(table)).toThrow(`visits: table "${name}" is not kebab-case`);
  });

  it('has keys with names, and two of them', () => {
    const table = { name: 'knocks', partitionKey: 'at', sortKey: 'at' };
    expect(declare(table)).toThrow('visits: both keys of knocks are at; name two attributes');
    expect(declare({ ...table, partitionKey: '' })).toThrow('a key of knocks has no name');
  });

  it.each([
    [{ listedBy: '' }, 'listedBy of knocks names "", which is no attribute of the job\'s own'],
    [{ listedBy: 'fence' }, 'listedBy of knocks names "fence"'],
    [{ listedBy: 'listedAt' }, 'listedBy of knocks names "listedAt"'],
    [{ personal: ['ips', ''] }, 'personal of knocks names ""'],
    [{ personal: ['windowEnd'] }, 'personal of knocks names "windowEnd"'],
    [{ personal: [7 as unknown as string] }, 'personal of knocks names "7"'],
    [{ personal: ['userId', 'at'] }, 'at of knocks cannot be personal, since it is the sort key'],
    [
      { listedBy: 'seen', personal: ['seen'] },
      'seen of knocks cannot be personal, since it is what',
    ],
  ])('is refused with %j', (options, message) => {
    const table = { name: 'knocks', partitionKey: 'userId', sortKey: 'at', ...options };
    expect(declare(table)).toThrow(message);
  });

  it('may be listed by its sort key, and have a partition key that is personal', () => {
    const table = { name: 'knocks', partitionKey: 'userId', sortKey: 'at', listedBy: 'at' };
    const { alerts } = patternOn({ ...table, personal: ['userId', 'ips'] });
    expect(alerts.table).toEqual({ ...table, personal: ['userId', 'ips'] });
  });

  const patternOn = (table: AlertTable) =>
    job(head).pattern({
      key: (visit) => visit.page,
      match: sequence<Visit>('visit', () => true).within(seconds(1)),
      stateRetention: minutes(1),
      alerts: { table, row: () => ({}) },
    });
});

describe('a family of jobs', () => {
  const family = parameterized({ lateness: duration('0s', 'how long') }, ({ lateness }) =>
    untyped(visitsJob({ allowedLateness: lateness })),
  );
  const latenessOf = ({ allowedLateness }: WindowJob) => allowedLateness;

  it('builds the job with its defaults, or with overrides', () => {
    expect(family.name).toBe('visits');
    expect(latenessOf(family.build())).toBe(0);
    expect(latenessOf(family.build({ lateness: '2s' }))).toBe(2_000);
  });

  it('refuses overrides that make no sense', () => {
    expect(() => family.build({ lateness: 'soon' })).toThrow('lateness is "soon"');
  });

  it('is known by what no parameter changes, and refuses one that changes it', () => {
    expect(family.usual.id).toBe('visits@1');
    const which = wholeNumber(1, { min: 1, max: 9 }, 'which');
    const versions = parameterized({ which }, (given) =>
      untyped(visitsJob({ version: given.which })),
    );
    expect(() => versions.build({ which: '2' })).toThrow(
      'visits@1: its name, version and kind must not depend on its parameters',
    );
  });
});
