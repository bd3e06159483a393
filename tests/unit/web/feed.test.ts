import { beforeEach, describe, expect, it } from 'vitest';
import { Feed } from '../../../web/live/feed.ts';

/** A server and a clock in the hands of the test. */
class World {
  now = 0;
  random = 0.5;
  readonly asked: { url: string; headers: Record<string, string>; signal: AbortSignal }[] = [];
  answer: (url: string) => Response | Promise<Response> = () => json({});
  #timers: { at: number; run: () => void }[] = [];

  readonly surroundings = {
    fetch: (url: string, init: RequestInit) => {
      const headers = init.headers as Record<string, string>;
      this.asked.push({ url, headers, signal: init.signal as AbortSignal });
      return Promise.race([Promise.resolve().then(() => this.answer(url)), aborted(init.signal)]);
    },
    now: () => this.now,
    later: (run: () => void, ms: number) => {
      const timer = { at: this.now + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
      };
    },
    random: () => this.random,
  };

  /** Goes on by so much, with everything that is due in it. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  get planned(): number {
    return this.#timers.length;
  }
}

const aborted = (signal: RequestInit['signal']) =>
  new Promise<never>((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason)));
const settled = () => new Promise((done) => setImmediate(done));
const json = (body: unknown, init: ResponseInit = {}) => Response.json(body, init);
const failing = (status: number, headers = {}) =>
  json({ detail: 'the table is away' }, { status, headers });

let world: World;
let feed: Feed;
let changes: number;

beforeEach(() => {
  world = new World();
  changes = 0;
  feed = new Feed(world.surroundings, () => {
    changes += 1;
  });
});

const want = (url = 'v1/overview') => feed.want([{ slot: 'overview', url, everyMs: 5_000 }]);
const answer = () => feed.answers.get('overview');

describe('polling', () => {
  it('asks at once, and then again and again', async () => {
    want();
    await world.pass(20_000);
    expect(world.asked).toHaveLength(5);
    expect(answer()).toMatchObject({ data: {}, of: 'v1/overview', isLoading: false });
  });

  it('sends the tag of what it has, and keeps the data where they are the same', async () => {
    world.answer = () => json({ n: 1 }, { headers: { etag: '"a"' } });
    want();
    await world.pass(0);
    const { data } = answer() ?? {};
    world.answer = () => new Response(null, { status: 304 });
    await world.pass(5_000);
    expect(world.asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"']);
    expect(answer()?.data).toBe(data);
    expect(answer()?.seenAt).toBe(5_000);
  });

  it('never sends the tag of another address', async () => {
    world.answer = () => json({ n: 1 }, { headers: { etag: '"a"' } });
    want('v1/overview');
    await world.pass(0);
    want('v1/overview?at=2017-11-26T09:30:00.000Z');
    await world.pass(0);
    expect(world.asked.at(-1)?.headers).not.toHaveProperty('if-none-match');
  });

  it('asks once for what is wanted twice', async () => {
    want();
    want();
    await world.pass(0);
    expect(world.asked).toHaveLength(1);
  });

  it('forgets what is not wanted any more', async () => {
    want();
    await world.pass(0);
    feed.want([]);
    await world.pass(60_000);
    expect(world.asked).toHaveLength(1);
    expect(feed.answers.size).toBe(0);
  });

  it('says what changed, each time', async () => {
    want();
    await world.pass(0);
    expect(changes).toBeGreaterThanOrEqual(2);
  });
});

describe('another address', () => {
  it('keeps the old data until the new ones have come, and tells which they are of', async () => {
    world.answer = () => json({ n: 1 });
    want('v1/overview');
    await world.pass(0);
    let come = (_: Response) => {};
    world.answer = () => new Promise<Response>((done) => (come = done));
    want('v1/overview?at=x');
    await settled();
    expect(answer()).toMatchObject({ data: { n: 1 }, of: 'v1/overview', isLoading: true });
    come(json({ n: 2 }));
    await settled();
    expect(answer()).toMatchObject({ data: { n: 2 }, of: 'v1/overview?at=x' });
  });

  it('ends the request of the old one, whose answer changes nothing however late it comes', async () => {
    let come = (_: Response) => {};
    world.answer = (url) =>
      url === 'slow' ? new Promise<Response>((done) => (come = done)) : json({ n: 'quick' });
    want('slow');
    await settled();
    want('quick');
    await settled();
    come(json({ n: 'slow' }));
    await settled();
    expect(world.asked[0]?.signal.aborted).toBe(true);
    expect(answer()?.data).toEqual({ n: 'quick' });
    expect(world.planned).toBe(1);
  });
});

describe('a server that fails', () => {
  it('is asked more and more seldom, and at least once in a minute and some', async () => {
    world.answer = () => failing(500);
    want();
    await world.pass(600_000);
    expect(world.asked.length).toBeGreaterThan(10);
    expect(world.asked.length).toBeLessThan(20);
  });

  it('leaves the data as they are, with the reason that it gives', async () => {
    world.answer = () => json({ n: 1 });
    want();
    await world.pass(0);
    world.answer = () => failing(503);
    await world.pass(5_000);
    expect(answer()).toMatchObject({
      data: { n: 1 },
      failure: { by: 'server', detail: 'the table is away' },
    });
  });

  it.each([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed')), 'network'],
    ['answers no JSON', () => new Response('<html>'), 'unreadable'],
    ['knows nothing of it', () => failing(404), 'missing'],
    ['does not take it', () => failing(400), 'refused'],
    ['has too much to do', () => failing(429), 'server'],
  ])('says what is wrong where it %s', async (_, reply, by) => {
    world.answer = reply;
    want();
    await world.pass(0);
    expect(answer()?.failure?.by).toBe(by);
  });

  it('that comes back is heard at the usual pace again', async () => {
    world.answer = () => failing(500);
    want();
    await world.pass(60_000);
    world.answer = () => json({ n: 2 });
    await world.pass(75_000);
    expect(answer()).toMatchObject({ data: { n: 2 }, failure: undefined });
    const before = world.asked.length;
    await world.pass(20_000);
    expect(world.asked.length - before).toBe(4);
  });

  it('is asked at once where somebody wants it', async () => {
    world.answer = () => failing(500);
    want();
    await world.pass(100);
    feed.retry();
    await world.pass(0);
    expect(world.asked).toHaveLength(2);
  });

  it('that asks for time gets it', async () => {
    world.answer = () => failing(503, { 'retry-after': '40' });
    want();
    await world.pass(39_000);
    expect(world.asked).toHaveLength(1);
    await world.pass(1_000);
    expect(world.asked).toHaveLength(2);
  });
});

describe('a page that is hidden', () => {
  it('asks nothing, and everything at once when it is seen again', async () => {
    want();
    await world.pass(0);
    feed.setHidden(true);
    await world.pass(3_600_000);
    expect(world.asked).toHaveLength(1);
    feed.setHidden(false);
    await world.pass(0);
    expect(world.asked).toHaveLength(2);
  });

  it('ends what is under way, and does not take it for a failure', async () => {
    world.answer = () => new Promise<Response>(() => {});
    want();
    await settled();
    feed.setHidden(true);
    expect(world.asked[0]?.signal.aborted).toBe(true);
    expect(answer()).toMatchObject({ isLoading: false, failure: undefined });
  });

  it('asks nothing where it is hidden from the start', async () => {
    feed.setHidden(true);
    want();
    await world.pass(60_000);
    expect(world.asked).toHaveLength(0);
  });
});

describe('a server that wants a token', () => {
  it('is not asked again until there is one, which every request has then', async () => {
    world.answer = () => failing(401);
    want();
    await world.pass(600_000);
    expect(world.asked).toHaveLength(1);
    expect(feed.isLocked).toBe(true);
    expect(answer()?.nextAt).toBeUndefined();
    world.answer = () => json({ n: 1 });
    feed.setToken('sesame');
    await world.pass(5_000);
    expect(feed.isLocked).toBe(false);
    expect(world.asked.slice(1).map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer sesame',
      'Bearer sesame',
    ]);
  });
});
