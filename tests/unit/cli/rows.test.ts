import { describe, expect, it } from 'vitest';
import { jsonLine, sortRows } from '../../../cli/output/rows.ts';
import { rowsTable, textTable } from '../../../cli/output/table.ts';

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

  it('show seconds and the end’s date only where they say something', () => {
    const windowStart = '2017-11-26T23:59:55.000Z';
    const windowEnd = '2017-11-27T00:00:00.500Z';
    const text = rowsTable([{ ...ROW, windowStart, windowEnd }], HOT_ITEMS);
    expect(text).toContain('2017-11-26 23:59:55 – 2017-11-27 00:00:00.500');
  });
});

describe('a long table', () => {
  const rows = Array.from({ length: 450 }, (_, n) => [`${n}`, n === 333 ? '宽 and long' : 'x']);
  const lines = textTable(['number', 'word'], rows).split('\n');

  it('has one head, every row once and in order, and borders only around it', () => {
    expect(lines).toHaveLength(rows.length + 4);
    expect(lines.slice(3, -1).map((line) => line.split('│')[1]?.trim())).toEqual(
      rows.map(([number]) => number),
    );
    expect(lines.filter((line) => /[┌├└]/.test(line))).toEqual([lines[0], lines[2], lines.at(-1)]);
  });

  it('has columns as wide as their widest value, wherever that is', () => {
    expect(lines[0]).toBe(`┌────────┬${'─'.repeat(13)}┐`);
    expect(lines[3]).toBe(`│ 0      │ x${' '.repeat(11)}│`);
    expect(lines[336]).toBe('│ 333    │ 宽 and long │');
  });

  it('is printed in a time that grows with its rows', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => [`${n}`, 'x', 'y', 'z']);
    expect(textTable(['a', 'b', 'c', 'd'], many).split('\n')).toHaveLength(10_004);
  });
});
