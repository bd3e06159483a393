/** Files are sent as small as whoever asks takes them. */
import { describe, expect, it } from 'vitest';
import { type Asset, assetRoutes } from '../../../../functions/api/assets.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const asset: Asset = {
  type: 'text/html; charset=utf-8',
  body: bytes('plain'),
  gzip: bytes('gzip'),
  brotli: bytes('br'),
  isHashed: false,
};
const app = assetRoutes(new Map([['/', asset]]));

describe('a file', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0', 'plain'],
    ['gzip;q=0, br;q=0.1', 'br'],
    ['deflate', 'plain'],
    ['identity', 'plain'],
    ['', 'plain'],
    [',;=,q=,"', 'plain'],
  ])('for who takes %j is %s', async (accepted, expected) => {
    const response = await app.request('/', { headers: { 'Accept-Encoding': accepted } });
    expect(await response.text()).toBe(expected);
    const encoding = response.headers.get('content-encoding');
    expect(encoding ?? 'plain').toBe(expected);
    expect(response.headers.get('vary')).toBe('Accept-Encoding');
  });
});
