/** Who may ask, and what of people is shown. */
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudienceAnswer, UserAnswer } from '../../../../functions/api/contract/answers.ts';
import { sealWith } from '../../../../functions/api/sealed.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';

let stage: ApiStage;
beforeAll(async () => {
  stage = await startApiStage();
});
afterAll(() => stage.stop());

const KEY = 'a key of this test, long enough';

type Row = Readonly<Record<string, unknown>>;
interface Page {
  readonly rows: readonly Row[];
  readonly next?: string;
}

describe('with a key for pseudonyms', () => {
  const json = async <Answer = Page>(path: string) => {
    const response = await stage.api({ pseudonymKey: KEY }).request(path);
    return (await response.json()) as Answer;
  };

  it('nothing names a user or an address', async () => {
    const paths = [
      '/v1/overview?at=2017-11-26T02:00:00Z',
      '/v1/login-alerts',
      '/v1/login-alerts?limit=1',
      '/v1/ad-blacklist',
      '/v1/tables/login-alerts',
      '/v1/tables/ad-blacklist?limit=1',
    ];
    for (const path of paths) {
      const text = JSON.stringify(await json(path));
      expect(text).toMatch(/"userId":"[\w-]{20,}"/);
      expect(text).not.toMatch(/victim|farm|203\.0\.113/);
      // Nor does a cursor, for whoever takes it apart.
      const { next = '' } = JSON.parse(text) as { next?: string };
      expect(Buffer.from(next, 'base64url').toString('latin1')).not.toMatch(/victim|farm/);
    }
  });

  it('who has a tag is told by pseudonyms, which find the profile, and no cursor names anybody', async () => {
    const { members } = await json<AudienceAnswer>('/v1/audience?tag=buyer&limit=1');
    const [userId = ''] = members.userIds;
    expect(userId).toMatch(/^[\w-]{16,}$/);
    const found = await json<UserAnswer>(`/v1/users/${userId}`);
    expect(found.profile?.tags).toContain('buyer');
    expect(found.daily.rows.map((row) => row.userId)).toEqual([userId]);
    expect(JSON.stringify(found)).not.toMatch(/"u\d+"/);
    const place = Buffer.from(members.next ?? '', 'base64url');
    expect(place.length).toBeGreaterThan(20);
    expect(() => inflateRawSync(place)).toThrow();
    const [own] = (stage.stored.get('user-profile') ?? []).map((row) => String(row['userId']));
    expect((await json<UserAnswer>(`/v1/users/${own}`)).profile).toBeNull();
  });

  it('a pseudonym is the same each time, and finds its user again', async () => {
    const { rows } = await json('/v1/login-alerts');
    const names = new Set(rows.map(({ userId }) => userId));
    expect(names.size).toBe(1);
    const user = await json<{ alerts: Page }>(`/v1/users/${[...names][0]}`);
    expect(user.alerts.rows).toEqual(rows);
    const table = await json(`/v1/tables/login-alerts?key=${[...names][0]}`);
    expect(table.rows).toEqual(rows);
  });

  it('an id finds nobody, so nobody learns whose pseudonym is whose', async () => {
    expect((await json<{ alerts: Page }>('/v1/users/victim')).alerts).toEqual({ rows: [] });
    expect(await json('/v1/tables/login-alerts?key=victim')).toEqual({ rows: [] });
  });

  it('paging goes on behind a sealed cursor', async () => {
    const { rows, next } = await json('/v1/login-alerts?limit=2');
    const rest = await json(`/v1/login-alerts?limit=2&cursor=${next}`);
    const all = await json('/v1/login-alerts');
    expect([...rows, ...rest.rows]).toEqual(all.rows);
    const other = stage.api({ pseudonymKey: 'another key, as long as the first' });
    expect((await other.request(`/v1/login-alerts?limit=2&cursor=${next}`)).status).toBe(400);
  });
});

describe('a seal', () => {
  const seal = sealWith(KEY, 'test');

  it('gives back every text, and the same one for the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = seal.seal(text);
        expect(sealed).toMatch(/^[\w-]{16,}$/);
        expect(seal.open(sealed)?.toString()).toBe(text.toWellFormed());
        expect(seal.seal(text)).toBe(sealed);
      }),
    );
  });

  it('opens nothing that it has not made', () => {
    const sealed = seal.seal('937166');
    const other = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}`;
    for (const text of ['', 'x', '937166', other, `${sealed}=`, `${sealed}A`, sealed.slice(2)]) {
      expect([text, seal.open(text)]).toEqual([text, undefined]);
    }
    expect(sealWith('another secret', 'test').open(sealed)).toBeUndefined();
    expect(sealWith(KEY, 'another purpose').open(sealed)).toBeUndefined();
  });
});

describe('with a token', () => {
  const ask = (headers: Record<string, string>, path = '/v1/health') =>
    stage.api({ token: 'token-of-this-test-0123456789' }).request(path, { headers });

  it('nothing under /v1 is answered without it', async () => {
    for (const value of [
      '',
      'Bearer',
      'Bearer other',
      'Basic token-of-this-test-0123456789',
      'token-of-this-test-0123456789',
    ]) {
      const response = await ask({ Authorization: value });
      expect([value, response.status]).toEqual([value, 401]);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await ask({}, '/v1/nothing')).status).toBe(401);
    expect((await ask({}, '/v1/tables/order-status')).status).toBe(401);
  });

  it.each(['Bearer', 'bearer', 'BEARER '])('all is answered with it, as %s', async (scheme) => {
    const response = await ask({ Authorization: `${scheme} token-of-this-test-0123456789` });
    expect(response.status).toBe(200);
  });

  it('or a key that is empty there is no API', () => {
    expect(() => stage.api({ token: '' })).toThrow('token is empty; give one, or leave it away');
    expect(() => stage.api({ pseudonymKey: '' })).toThrow('pseudonymKey is empty');
  });
});

describe('every answer', () => {
  it('forbids framing, scripts of others and guessing of types', async () => {
    const { headers } = await stage.api().request('/v1/health');
    expect(headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'",
    );
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});
