/** The assets as one file, which stands beside the function's bundle. */
import * as z from 'zod';
import type { Asset, Assets } from './assets.ts';

export const ASSETS_FILE = 'assets.json';

const bytes = z.base64().transform((text): Uint8Array => Buffer.from(text, 'base64'));

const fileSchema = z.record(
  z.string().startsWith('/'),
  z.strictObject({
    type: z.string(),
    body: bytes,
    gzip: bytes,
    brotli: bytes,
    isHashed: z.boolean(),
  }),
);

export const encodeAssets = (assets: Assets): Buffer =>
  Buffer.from(JSON.stringify(Object.fromEntries([...assets].map(encodeAsset))));

const encodeAsset = ([path, asset]: readonly [string, Asset]) => [
  path,
  { ...asset, body: base64(asset.body), gzip: base64(asset.gzip), brotli: base64(asset.brotli) },
];

const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');

/** The inverse of `encodeAssets`. Throws ZodError for another content. */
export const decodeAssets = (file: Uint8Array): Assets =>
  new Map(Object.entries(fileSchema.parse(JSON.parse(Buffer.from(file).toString()))));
