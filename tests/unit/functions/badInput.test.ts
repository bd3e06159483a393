/**
 * What every stream refuses, and in which words: a reason names the attribute, what it must be and what was
 * found. Each bad event goes through the engine, between two good ones that must not suffer from it.
 */
import { describe, expect, it } from 'vitest';
import { adClicks } from '../../../functions/adBlacklist/events.ts';
import { appMarketing } from '../../../functions/appPromotion/events.ts';
import { userBehavior } from '../../../functions/hotItems/events.ts';
import { pageViews } from '../../../functions/hotPages/events.ts';
import { logins } from '../../../functions/loginFail/events.ts';
import { receipts } from '../../../functions/orderReconcile/events.ts';
import { orders } from '../../../functions/orderTimeout/events.ts';
import { STREAM_FORMATS } from '../../../inputs/formats.ts';
import {
  count,
  hours,
  job,
  minutes,
  type Source,
  seconds,
  tumbling,
} from '../../../shared/index.ts';
import { TestEngine } from '../../support/engine.ts';
import { parseLine } from '../../support/parseLine.ts';
import { type RecordContent, streamRecords } from '../../support/records.ts';

const timestamp = 1_511_658_000_000;
const ID = 'must be text of 1 to 256 characters';
const TIME = 'must be a whole number of epoch milliseconds';

type Event = Readonly<Record<string, unknown>>;

interface Stream {
  readonly source: Source<unknown>;
  readonly good: Event;
  /** Attributes that are ids, and others, with what they must be. */
  readonly attributes: Readonly<Record<string, string>>;
}

const stream = (
  source: Source<unknown>,
  good: Event,
  attributes: Stream['attributes'],
): Stream => ({
  source,
  good: { ...good, timestamp },
  attributes: { ...attributes, timestamp: TIME },
});

const STREAMS: Readonly<Record<string, Stream>> = {
  'user-behavior': stream(
    userBehavior,
    { userId: 'u1', itemId: '1715', categoryId: '7', behavior: 'pv' },
    {
      userId: ID,
      itemId: ID,
      categoryId: ID,
      behavior: 'must be one of "pv", "cart", "fav", "buy"',
    },
  ),
  'page-views': stream(
    pageViews,
    { ip: '83.149.9.216', method: 'GET', url: '/blog?flav=rss20' },
    { ip: ID, method: ID, url: 'must be text of 1 to 2048 characters' },
  ),
  'app-marketing': stream(
    appMarketing,
    { userId: 'u1', channel: 'wechat', behavior: 'CLICK' },
    {
      userId: ID,
      channel: ID,
      behavior: 'must be one of "CLICK", "DOWNLOAD", "INSTALL", "UNINSTALL"',
    },
  ),
  'ad-clicks': stream(
    adClicks,
    { userId: 'u1', adId: '1715', province: 'beijing', city: 'beijing' },
    { userId: ID, adId: ID, province: ID, city: ID },
  ),
  logins: stream(
    logins,
    { userId: 'u1', ip: '83.149.11.115', outcome: 'fail' },
    { userId: ID, ip: ID, outcome: 'must be one of "success", "fail"' },
  ),
  orders: stream(
    orders,
    { orderId: '34729', type: 'pay', txId: 'sd76f87d6' },
    { orderId: ID, type: 'must be one of "create", "pay"', txId: ID },
  ),
  receipts: stream(receipts, { txId: 'sd76f87d6', channel: 'wechat' }, { txId: ID, channel: ID }),
};

/** Counts the events of a stream, so that what is refused shows whatever job reads it. */
const counting = (source: Source<unknown>) =>
  job({
    name: 'counting',
    version: 1,
    source,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: minutes(10),
  }).window({
    assign: tumbling({ size: hours(1) }),
    allowedLateness: seconds(0),
    late: 'sideOutput',
    aggregate: count(),
    table: { name: 'counting', partitionKey: 'all' },
    result: (events) => [{ all: 'all', events }],
  });

/** The dead letters' reasons, once a good event before and one after have been accepted. */
async function reasonsFor({ source, good }: Stream, bad: RecordContent): Promise<unknown[]> {
  const engine = new TestEngine(counting(source));
  const { counts } = await engine.ingest(streamRecords([good, bad, good]));
  const side = await engine.side();
  expect(counts).toEqual({ accepted: 3 - side.length, filtered: 0, late: 0, dead: side.length });
  return side.map(({ reason }) => reason);
}

const without = (event: Event, name: string): Event =>
  Object.fromEntries(Object.entries(event).filter(([each]) => each !== name));

describe.each(Object.entries(STREAMS))('%s', (name, each) => {
  const { good, attributes } = each;

  it('is read by the attributes that the command line writes', () => {
    const { fileLines, partitionKeyIn, eventTimeIn } = STREAM_FORMATS[name] ?? {};
    expect(Object.keys(good).sort()).toEqual([...(fileLines?.columns ?? [])].sort());
    expect(each.source.stream).toBe(name);
    expect(partitionKeyIn?.(good)).toBe(each.source.partitionKey(good));
    expect(eventTimeIn?.(good)).toBe(each.source.eventTime(good));
  });

  it('takes an event with attributes that nobody asked for, and leaves them out', async () => {
    expect(await reasonsFor(each, { ...good, extra: { deep: [1] } })).toEqual([]);
    expect(each.source.parse({ ...good, extra: 1 })).toEqual({ event: good });
  });

  it.each(Object.entries(attributes))(
    'refuses an event whose %s is missing',
    async (name, rule) => {
      expect(await reasonsFor(each, without(good, name))).toEqual([
        `${name}: ${rule} (found nothing)`,
      ]);
    },
  );

  it.each(
    Object.entries(attributes).flatMap(([name, rule]) =>
      [null, true, ['a'], { a: 1 }].map((value) => [name, value, rule] as const),
    ),
  )('refuses an event whose %s is %j', async (name, value, rule) => {
    expect(await reasonsFor(each, { ...good, [name]: value })).toEqual([
      `${name}: ${rule} (found ${JSON.stringify(value)})`,
    ]);
  });

  const texts = Object.entries(attributes).filter(([, rule]) => rule.includes('characters'));
  it.each(texts)('refuses an empty %s, and one that is a number', async (name, rule) => {
    expect(await reasonsFor(each, { ...good, [name]: '' })).toEqual([
      `${name}: is empty: ${rule} (found "")`,
    ]);
    expect(await reasonsFor(each, { ...good, [name]: 7 })).toEqual([`${name}: ${rule} (found 7)`]);
  });

  const choices = Object.entries(attributes).filter(([, rule]) => rule.includes('one of'));
  it.each(choices)('refuses an unknown %s and says which there are', async (name, rule) => {
    expect(await reasonsFor(each, { ...good, [name]: 'zoom' })).toEqual([
      `${name}: ${rule} (found "zoom")`,
    ]);
  });

  it.each(['1511658000000', '2017-11-26T01:00:00Z', '', 1_511_658_000_000.5])(
    'refuses the time %j',
    async (time) => {
      expect(await reasonsFor(each, { ...good, timestamp: time })).toEqual([
        `timestamp: ${TIME} (found ${JSON.stringify(time)})`,
      ]);
    },
  );

  it('suspects seconds in a time before 1980', async () => {
    expect(await reasonsFor(each, { ...good, timestamp: timestamp / 1_000 })).toEqual([
      'event time 1511658000 is before 1980; it may be in seconds: event times are epoch milliseconds',
    ]);
  });

  it.each([['[]'], ['"text"'], ['7'], ['null']])('refuses %s for an event', async (json) => {
    expect(await reasonsFor(each, json)).toEqual([`event: must be a JSON object (found ${json})`]);
  });

  it('refuses a line of a file that it cannot read, with the reader’s reason', async () => {
    const format = STREAM_FORMATS[name];
    if (!format?.fileLines) throw new Error('its files hold nothing but JSON');
    const { form, columns } = format.fileLines;
    const { line } = parseLine('what, is this', format, 's');
    expect(await reasonsFor(each, line)).toEqual([
      form === 'csv'
        ? `is neither JSON nor CSV of this stream: write the ${columns.length} columns ${columns} (found 2)`
        : 'is neither JSON nor a line of the web log: write IP - USER dd/MM/yyyy:HH:mm:ss +0000 METHOD URL',
    ]);
  });
});

describe('orders', () => {
  const { source, good } = STREAMS['orders'] as Stream;
  const create = { ...without(good, 'txId'), type: 'create' };

  it.each([[create], [{ ...create, txId: '' }], [{ ...create, txId: null }]])(
    'takes a create, which knows no transaction: %j',
    (event) => {
      expect(source.parse(event)).toEqual({ event: create });
    },
  );

  it.each([
    ['34729,create,,1511658000', create],
    ['34729,pay,sd76f87d6,1511658000', good],
  ])('takes the line %s', (line, event) => {
    const format = STREAM_FORMATS['orders'];
    const parsed = format && parseLine(line, format, 's').line;
    expect(source.parse(JSON.parse(String(parsed)))).toEqual({ event });
  });

  it('refuses a line of a pay without its transaction', () => {
    const format = STREAM_FORMATS['orders'];
    const parsed = format && parseLine('34729,pay,,1511658000', format, 's').line;
    expect(source.parse(JSON.parse(String(parsed)))).toEqual({
      problem: `txId: ${ID} (found nothing)`,
    });
  });
});

describe('page views', () => {
  const { source, good } = STREAMS['page-views'] as Stream;

  it('take a URL of 2,048 characters and none that is longer', () => {
    const url = '/'.padEnd(2_048, 'x');
    expect(source.parse({ ...good, url })).toHaveProperty('event.url', url);
    expect(source.parse({ ...good, url: `${url}x` })).toHaveProperty(
      'problem',
      expect.stringMatching(/^url: is longer than 2048 characters: .* \(found "\/x+\)$/),
    );
  });

  it('have a partition key that Kinesis takes, whatever the URL', () => {
    const url = `/${'😀'.repeat(200)}`;
    const key = source.partitionKey({ ...good, url });
    expect(key.length).toBe(256);
    expect(key.isWellFormed()).toBe(true);
  });
});

it('app marketing refuses the channel that is the name of the board over all channels', async () => {
  const { good } = STREAMS['app-marketing'] as Stream;
  expect(appMarketing.parse({ ...good, channel: 'total' })).toEqual({
    problem:
      'channel: is the name of the board over all channels: give the channel another name than "total" (found "total")',
  });
  expect(appMarketing.parse({ ...good, channel: 'Total' })).toHaveProperty('event');
});

it('ad clicks refuse the province that is the name of the row over all provinces', async () => {
  const { good } = STREAMS['ad-clicks'] as Stream;
  expect(adClicks.parse({ ...good, province: 'total' })).toEqual({
    problem:
      'province: is the name of the row over all provinces: give the province another name than "total" (found "total")',
  });
  expect(adClicks.parse({ ...good, province: 'Total' })).toHaveProperty('event');
});
