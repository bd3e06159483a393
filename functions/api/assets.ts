/**
 * The dashboard's files, as whoever assembles the app has built them: packed beforehand, so that nobody packs them per
 * request.
 */
import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array;
  readonly gzip: Uint8Array;
  readonly brotli: Uint8Array;
  /** Whether its name changes with its content, so that it may be kept for ever. */
  readonly isHashed: boolean;
}

/** By path: `/`, `/app-4f2a.js`. */
export type Assets = ReadonlyMap<string, Asset>;

const FOR_EVER = 'public, max-age=31536000, immutable';
/** Asked for again each time, and mostly answered with 304. */
const ASK_AGAIN = 'no-cache';

export function assetRoutes(assets: Assets): Hono {
  const app = new Hono();
  for (const [path, asset] of assets) app.get(path, (c) => answerWith(c, asset));
  return app;
}

/** The smallest first: browsers take all of them alike, and name them in an order of their own. */
const ENCODINGS = ['br', 'gzip'];

function smallestOf(accepted: readonly { readonly type: string; readonly q: number }[]): string {
  const isTaken = (encoding: string) =>
    (accepted.find(({ type }) => type.toLowerCase() === encoding)?.q ?? 0) > 0;
  return ENCODINGS.find(isTaken) ?? 'identity';
}

function answerWith(c: Context, { type, body, gzip, brotli, isHashed }: Asset): Response {
  const encoding = accepts(c, {
    header: 'Accept-Encoding',
    supports: ENCODINGS,
    default: 'identity',
    match: (accepted) => smallestOf(accepted),
  });
  c.header('Content-Type', type);
  c.header('Cache-Control', isHashed ? FOR_EVER : ASK_AGAIN);
  c.header('Vary', 'Accept-Encoding');
  if (encoding === 'identity') return c.body(bytesOf(body));
  c.header('Content-Encoding', encoding);
  return c.body(bytesOf(encoding === 'br' ? brotli : gzip));
}

/** A copy, whose memory nobody shares: what Response takes. */
const bytesOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
