import { describe, expect, it } from 'vitest';
import { jsonLine, sortRows } from '../../../cli/output/rows.ts';
import { rowsTable } from '../../../cli/output/rowsTable.ts';

const HOT_ITEMS = { name: 'hot-items', partitionKey: 'board', sortKey: 'windowEnd' };
const ROW = {
  windowStart: '2017-11-26T01:00:00.000Z',
  ranking: [{ count: 3, id: '1715', rank: 1 }],
  fence: 7,
  keys: 1,
  revision: 2,
  board: 'items:pv',
  final: false,
  windowEnd: '2017-11-26T02:00:00.000Z',
  events: 3,
};

describe('a row as JSON', () => {
  it('has the table first, then its keys, and not the engine’s own attribute', () => {
    expect(jsonLine(ROW, HOT_ITEMS)).toBe(
      '{"table":"hot-items","board":"items:pv","windowEnd":"2017-11-26T02:00:00.000Z","events":3,' +
        '"final":false,"keys":1,"ranking":[{"rank":1,"id":"1715","count":3}],"revision":2,' +
        '"windowStart":"2017-11-26T01:00:00.000Z"}',
    );
  });

  it('is the same whatever order its attributes are stored in', () => {
    const reversed = Object.fromEntries(Object.entries(ROW).reverse());
    expect(jsonLine(reversed, HOT_ITEMS)).toBe(jsonLine(ROW, HOT_ITEMS));
  });
});

it('rows are sorted by keys in code point order', () => {
  const boards = ['b', '\u{1f600}', '\uffee', 'B', 'a'];
  const rows = boards.flatMap((board) => [
    { board, windowEnd: '2' },
    { board, windowEnd: '1' },
  ]);
  expect(sortRows(rows, HOT_ITEMS).map((row) => `${row['board']}${row['windowEnd']}`)).toEqual(
    ['B', 'a', 'b', '\uffee', '\u{1f600}'].flatMap((board) => [`${board}1`, `${board}2`]),
  );
});

describe('a row that has no window', () => {
  const orders = { name: 'order-status', partitionKey: 'orderId' };
  const order = {
    orderId: '34756',
    status: 'conflict',
    createdAt: '2019-05-21T09:28:10.000Z',
    claims: [
      { at: '2019-05-21T09:29:00.000Z', kind: 'pay', id: 'a' },
      { at: '2019-05-21T09:30:00.000Z', kind: 'pay', id: 'b' },
    ],
    engine: { version: 3, state: {} },
    expiresAt: 1_600_000_000,
    problem: 'conflict#2019-05-21T09',
    problemAt: '2019-05-21T09:30:00.000Z',
  };

  it('is shown by its key and its public attributes, and nothing of the engine', () => {
    expect(jsonLine(order, orders)).toBe(
      '{"table":"order-status","orderId":"34756","claims":[{"kind":"pay","id":"a","at":"2019-05-21T09:29:00.000Z"},' +
        '{"kind":"pay","id":"b","at":"2019-05-21T09:30:00.000Z"}],' +
        '"createdAt":"2019-05-21T09:28:10.000Z","status":"conflict"}',
    );
    const text = rowsTable([order], orders);
    expect(text).toContain(
      'kind pay, id a, at 2019-05-21T09:29:00Z; kind pay, id b, at 2019-05-21T09:30:00Z',
    );
    expect(text).toMatch(/orderId.*status.*claims/);
    expect(text).not.toMatch(/window|revision|engine|expires|problem/);
  });

  it('is sorted by its partition key alone where it has no other', () => {
    const rows = [{ orderId: 'b' }, { orderId: 'a' }];
    expect(sortRows(rows, orders)).toEqual([{ orderId: 'a' }, { orderId: 'b' }]);
  });

  it('has both keys first where it has two', () => {
    const alerts = { name: 'login-alerts', partitionKey: 'userId', sortKey: 'alertId' };
    const alert = { userId: '1035', alertId: 'x', failures: 2, ips: ['10.0.0.1', '10.0.0.2'] };
    expect(rowsTable([alert], alerts)).toMatch(/userId.*alertId.*failures.*ips/);
    expect(rowsTable([alert], alerts)).toContain('10.0.0.1, 10.0.0.2');
  });

  it('is shown without a sort key that only puts its other attributes together', () => {
    const alerts = { name: 'login-alerts', partitionKey: 'userId', sortKey: 'alertId' };
    const alert = { userId: '1035', alertId: '2019#2018#49590338/0', failures: 2 };
    expect(rowsTable([alert], alerts)).not.toContain('2019#2018');
    expect(jsonLine(alert, alerts)).toContain('"alertId":"2019#2018#49590338/0"');
  });
});

describe('rows as a table', () => {
  it('show the window, the ranking in one line and whether they may still change', () => {
    const text = rowsTable([ROW], HOT_ITEMS);
    expect(text).toContain('2017-11-26 01:00 – 02:00');
    expect(text).toContain('1715 ×3');
    expect(text).toContain('2 (not final)');
    expect(text).not.toContain('fence');
  });

  it.each([
    [
      '2017-11-26T23:59:55.000Z',
      '2017-11-27T00:00:00.500Z',
      '2017-11-26 23:59:55 – 2017-11-27 00:00:00.500',
    ],
    ['2017-11-26T23:55:00.000Z', '2017-11-27T00:05:00.000Z', '2017-11-26 23:55 – 2017-11-27 00:05'],
    ['2017-11-26T23:00:00.000Z', '2017-11-27T00:00:00.000Z', '2017-11-26 23:00 – 24:00'],
    ['2017-12-31T00:00:00.000Z', '2018-01-01T00:00:00.000Z', '2017-12-31 00:00 – 24:00'],
    ['2017-11-26T00:00:00.000Z', '2017-11-28T00:00:00.000Z', '2017-11-26 00:00 – 2017-11-28 00:00'],
  ])(
    'show seconds and the end’s date only where they say something: %s – %s',
    (windowStart, windowEnd, shown) => {
      expect(rowsTable([{ ...ROW, windowStart, windowEnd }], HOT_ITEMS)).toContain(`│ ${shown} │`);
    },
  );

  it('show rankings before figures, which a narrow terminal has no room for', () => {
    expect(rowsTable([ROW], HOT_ITEMS)).toMatch(/board.*window.*ranking.*events.*keys.*revision/);
    const [head, ...others] = rowsTable([ROW], HOT_ITEMS, 52).split('\n').slice(1);
    expect(head).toMatch(/ranking │$/);
    expect(others.at(-1)).toMatch(/^no room for events, keys, revision;/);
  });

  it('have bars on a terminal beside counts that differ, and beside no other number', () => {
    const row = { ...ROW, pv: 40, limit: 100, mean: 1.5, delta: -1 };
    const rows = [
      row,
      { ...row, pv: 80, mean: 2, delta: 3, windowEnd: '2017-11-26T03:00:00.000Z' },
    ];
    const lines = rowsTable(rows, HOT_ITEMS, 300).split('\n').slice(3, -1);
    expect(lines.map((line) => line.match(/[^ ]+ [█-▏]+/g))).toEqual([
      ['40 ██████████'],
      ['80 ████████████████████'],
    ]);
    expect(rowsTable(rows, HOT_ITEMS)).not.toContain('█');
    expect(
      rowsTable(
        rows.map(({ windowEnd: _, ...rest }) => rest),
        { name: 't', partitionKey: 'board' },
        300,
      ),
    ).not.toContain('█');
  });

  it('have none beside a number that not all rows have', () => {
    const rows = [{ ...ROW, pv: 1 }, { ...ROW, pv: 2 }, ROW];
    expect(rowsTable(rows, HOT_ITEMS, 300)).not.toContain('█');
  });
});
